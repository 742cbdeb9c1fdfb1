"""A made-up office with known truth, for demonstrations and tests."""

from workbench.demo.office import make_office

__all__ = ["make_office"]
