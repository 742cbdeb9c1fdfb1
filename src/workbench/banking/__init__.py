"""The accounts of the office and what banks do with them."""

from workbench.banking.accounts import describe, resolve

__all__ = ["describe", "resolve"]
