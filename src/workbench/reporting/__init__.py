"""Pages: what a notebook writes on, and the runner that publishes them."""

import sys
from typing import Any, cast

from workbench.reporting.cards import Card, Decision, card_of
from workbench.reporting.charts import columns
from workbench.reporting.page import Page, page
from workbench.reporting.words import day_of, say, written

# nbformat checks notebooks with jsonschema, which at import would build a grammar of international addresses if it could: as long
# as pandas takes, for something that no notebook holds. Taken for absent, where nobody has it yet.
cast(dict[str, Any], sys.modules).setdefault("rfc3987_syntax", None)

__all__ = ["Card", "Decision", "Page", "card_of", "columns", "day_of", "page", "say", "written"]
