"""Mirrors errors.py."""

from workbench.errors import NotebookFailed, ReadingError, StoreError, WorkbenchError, WrongUse


def test_a_message_says_where_what_and_what_to_do() -> None:
    error = StoreError("the store is absent", "data/office", "run workbench demo")
    assert str(error) == "data/office: the store is absent — run workbench demo"
    assert (error.exit_code, WrongUse("x").exit_code) == (1, 2)
    assert str(WorkbenchError("alone")) == "alone"


def test_the_line_is_known_where_the_place_names_one() -> None:
    assert ReadingError("cut", "releve.sta:12").line_number == 12
    assert [ReadingError("cut", where).line_number for where in ("", "releve.sta", "table.column")] == [None] * 3


def test_the_error_of_a_cell_speaks_french_where_it_is_one_of_the_house() -> None:
    told = "Unanswerable: invoices: no bill was issued by 2010-01-05 — import the bills, or ask for another date"
    error = NotebookFailed(told, "unpaid, cell 4", "the last report stands")
    assert str(error) == f"unpaid, cell 4: {told} — the last report stands"
    assert error.said("fr") == (
        "unpaid, cell 4 : invoices : aucune facture n’était émise au 2010-01-05 — importez les factures, ou demandez une autre date"
        " — le dernier rapport reste en place"
    )
    assert NotebookFailed("KeyError: 'x'", "unpaid, cell 4", "").said("fr").startswith("unpaid, cell 4 : KeyError: 'x'")
