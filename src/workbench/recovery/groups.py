"""By what a table is grouped: amounts of two currencies are never added, so the currency is always part of a group."""

from collections.abc import Sequence
from typing import Any

from workbench.errors import WrongUse


def group_keys(by: str | Sequence[str], table: Any = None) -> list[str]:
    """The columns of a group: `currency_code`, then those named (one name may stand alone).

    Raises `WrongUse` where `table`, if given, has no column of that name.
    """
    named = [by] if isinstance(by, str) else list(by)
    keys = ["currency_code", *[name for name in named if name != "currency_code"]]
    if table is not None:
        for name in keys:
            if name not in table.columns:
                raise WrongUse(f"no column is called {name!r}", "by", f"known: {', '.join(table.columns)}")
    return keys
