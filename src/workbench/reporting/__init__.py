"""Pages: what a notebook writes on, and the runner that publishes them."""

from workbench.reporting.cards import Card, Decision, card_of
from workbench.reporting.charts import columns
from workbench.reporting.page import Page, page
from workbench.reporting.words import day_of, say, written

__all__ = ["Card", "Decision", "Page", "card_of", "columns", "day_of", "page", "say", "written"]
