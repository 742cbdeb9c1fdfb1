"""Mirrors intake/pages.py: what makes two lines the same, and pages that become statements or wait."""

from dataclasses import replace
from datetime import date

from tests.intake.test_booking import line, statement
from workbench.intake.pages import joined


def test_blanks_and_case_make_no_other_line_and_a_missing_date_is_the_other_one() -> None:
    one = line(0, 100, "Virement  RECU ")
    assert one.canonical == one._replace(label="virement reçu".replace("ç", "c")).canonical
    assert one._replace(value_date=None).canonical == one.canonical
    assert one._replace(booking_date=None).canonical == one.canonical
    assert one._replace(amount_centimes=101).canonical != one.canonical
    assert one._replace(value_date=date(2024, 3, 2)).canonical != one.canonical


def test_the_name_of_a_statement_is_what_it_says_and_not_its_file() -> None:
    one = statement(0, 0, 0, line(0, 100), line(0, 200))
    assert replace(one, file_name="autre.txt", file_sha256="1", lines=one.lines[::-1]).statement_id == one.statement_id
    assert replace(one, closing_centimes=299).statement_id != one.statement_id


def test_pages_join_by_their_balances_and_a_page_alone_waits() -> None:
    first = statement(0, 0, 0, line(0, 100), page_number=1, is_last_page=False)
    last = statement(100, 0, 0, line(0, -30), page_number=2, is_last_page=True)
    whole, held = joined([last, first, first])
    assert [(each.opening_centimes, each.closing_centimes, len(each.lines)) for each in whole] == [(0, 70, 2)]
    assert held == []
    whole, held = joined([last])
    assert (whole, [page.page_number for page in held]) == ([], [2])
