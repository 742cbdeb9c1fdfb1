"""Mirrors errors.py."""

from workbench.errors import StoreError, WorkbenchError, WrongUse


def test_a_message_says_where_what_and_what_to_do() -> None:
    error = StoreError("the store is absent", "data/office", "run workbench demo")
    assert str(error) == "data/office: the store is absent — run workbench demo"
    assert (error.exit_code, WrongUse("x").exit_code) == (1, 2)
    assert str(WorkbenchError("alone")) == "alone"
