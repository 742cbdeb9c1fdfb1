"""Pages: what a notebook writes on, and the runner that publishes them."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from workbench.reporting.cards import Card, Decision, card_of
    from workbench.reporting.charts import columns
    from workbench.reporting.pages import Page, page
    from workbench.reporting.words import day_of, say, written

# nbformat checks notebooks with jsonschema, which at import would build a grammar of international addresses if it could: as long
# as pandas takes, for something that no notebook holds. Taken for absent, where nobody has it yet.
cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)

# What a notebook uses is loaded when it is asked for: the command line, which says sentences and starts runs, does without pandas.
_HOMES = {
    "cards": ("Card", "Decision", "card_of"),
    "charts": ("columns",),
    "pages": ("Page", "page"),
    "words": ("day_of", "say", "written"),
}

__all__ = ["Card", "Decision", "Page", "card_of", "columns", "day_of", "page", "say", "written"]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
