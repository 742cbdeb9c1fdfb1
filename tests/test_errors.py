"""Mirrors errors.py."""

from workbench.errors import ReadingError, StoreError, WorkbenchError, WrongUse


def test_a_message_says_where_what_and_what_to_do() -> None:
    error = StoreError("the store is absent", "data/office", "run workbench demo")
    assert str(error) == "data/office: the store is absent — run workbench demo"
    assert (error.exit_code, WrongUse("x").exit_code) == (1, 2)
    assert str(WorkbenchError("alone")) == "alone"


def test_the_line_is_known_where_the_place_names_one() -> None:
    assert ReadingError("cut", "releve.sta:12").line_number == 12
    assert [ReadingError("cut", where).line_number for where in ("", "releve.sta", "table.column")] == [None] * 3
