"""Pages: what a notebook writes on, and the runner that publishes them."""

from workbench.reporting.page import Page, page
from workbench.reporting.words import day_of

__all__ = ["Page", "day_of", "page"]
