"""Mirrors intake/booking.py and intake/pages.py. Amounts are hundredths; a statement is written as its lines."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.intake.booking import Booking, Ledger, Rules, book
from workbench.intake.pages import Line, Statement, joined

START = date(2024, 3, 1)


def line(day: int, amount: int, label: str = "") -> Line:
    return Line(START + timedelta(days=day), START + timedelta(days=day), amount, None, label, None, None, None)


def statement(opening: int, first: int, last: int, *lines: Line, **changes: object) -> Statement:
    made = Statement(
        file_name="releve.txt",
        file_sha256="0",
        line_number=1,
        format_code="camt053",
        account_identifier="A-00",
        currency_code="MAD",
        statement_number="1",
        page_number=None,
        is_last_page=None,
        is_interim=False,
        opening_date=START + timedelta(days=first),
        opening_centimes=opening,
        closing_date=START + timedelta(days=last),
        closing_centimes=opening + sum(each.amount_centimes for each in lines),
        proof_code="proven",
        difference_centimes=0,
        lines=lines,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def empty() -> Ledger:
    return Ledger({}, {})


def booked_lines(ledger: Ledger) -> Counter[tuple[str, ...]]:
    return sum((day.canonical for days in ledger.days.values() for day in days.values()), Counter())


def statuses(booking: Booking) -> list[str]:
    return [outcome.status for outcome in booking.outcomes]


def test_two_identical_lines_of_one_day_both_count_and_the_same_statement_again_changes_nothing() -> None:
    ledger = empty()
    first = statement(1000, 0, 0, line(0, 500), line(0, 500))
    assert statuses(book([first], ledger)) == ["booked"]
    again = book([replace(first, file_name="autre_nom.txt", lines=first.lines[::-1])], ledger)
    assert statuses(again) == ["unchanged"]
    assert again.new_days == {}
    assert booked_lines(ledger)[line(0, 500).canonical] == 2


def test_the_whole_day_extends_the_noon_export_and_supersedes_it() -> None:
    ledger = empty()
    book([statement(0, 0, 0, line(0, 100))], ledger)
    for days in ledger.days.values():
        for day in days.values():
            day.statement = None  # as when a later import reads the store
    whole = book([statement(0, 0, 0, line(0, 100), line(0, -30))], ledger)
    assert statuses(whole) == ["extended"]
    assert [day.version for day in whole.new_days.values()] == [2]
    assert whole.superseded == {(("A-00", "MAD"), START)}


def test_a_corrected_day_waits_for_a_person_and_a_reason_replaces_it() -> None:
    ledger = empty()
    book([statement(0, 0, 0, line(0, 100))], ledger)
    corrected = statement(0, 0, 0, line(0, 107))
    held = book([corrected], ledger)
    assert statuses(held) == ["held"]
    assert "01/03/2024" in held.problems[0].message("fr")
    assert statuses(book([corrected], ledger, Rules(replace="erreur de la banque"))) == ["extended"]
    assert booked_lines(ledger) == Counter([line(0, 107).canonical])


def test_one_centime_is_refused_with_the_difference_and_a_reason_lets_it_in() -> None:
    wrong = statement(0, 0, 0, line(0, 100), closing_centimes=101, proof_code="unbalanced", difference_centimes=1)
    refused = book([wrong], empty())
    assert statuses(refused) == ["refused"]
    assert "0,01 MAD" in refused.problems[0].message("fr")
    accepted = book([wrong], empty(), Rules(accept_unbalanced="vu avec la banque"))
    assert statuses(accepted) == ["booked"]
    assert [p.code for p in accepted.problems] == ["statement_accepted_unbalanced"]


def test_a_gap_names_the_missing_days() -> None:
    ledger = empty()
    book([statement(0, 0, 1, line(0, 100))], ledger)
    later = book([statement(150, 5, 5, line(5, 10))], ledger)
    assert statuses(later) == ["booked"]
    assert "03/03/2024 au 05/03/2024" in later.problems[0].message("fr")


def test_an_extension_that_breaks_a_chain_that_holds_is_a_contradiction() -> None:
    ledger = empty()
    book([statement(0, 0, 1, line(0, 100), line(1, 5))], ledger)
    assert statuses(book([statement(0, 0, 0, line(0, 100), line(0, 7))], ledger)) == ["held"]


def test_a_line_dated_before_the_period_counts_on_the_first_day_and_keeps_its_date() -> None:
    ledger = empty()
    cfonb = statement(0, 0, 1, line(0, 100), format_code="cfonb120")
    book([cfonb], ledger)
    (days,) = ledger.days.values()
    assert [(day, [each.booking_date for each in kept.lines]) for day, kept in days.items()] == [
        (START + timedelta(days=1), [START])
    ]


def test_pages_are_joined_and_an_incomplete_chain_is_held() -> None:
    one = statement(0, 0, 0, line(0, 100), page_number=1, is_last_page=False)
    two = statement(100, 0, 0, line(0, 50), page_number=2, is_last_page=True)
    whole, held = joined([two, one, one])
    assert [(each.opening_centimes, each.closing_centimes) for each in whole] == [(0, 150)]
    assert held == []
    assert statuses(book([two], empty())) == ["held"]


def test_a_second_statement_of_a_day_goes_on_where_the_first_ended() -> None:
    first = statement(1815, -1, 0, line(0, 885))
    second = statement(2700, -1, 0, line(0, -700))
    for groups in ([[second, first]], [[first], [second]]):
        ledger = empty()
        outcomes = [status for group in groups for status in statuses(book(group, ledger))]
        assert outcomes == ["booked", "extended"]
        day = ledger.days[first.account][START]
        assert (day.opening, day.closing, day.canonical.total()) == (1815, 2000, 2)
        again = book([second, first, replace(second, file_name="autre.xml")], ledger)
        assert statuses(again) == ["unchanged"] * 3
        assert again.new_days == {}
        whole = statement(1815, -1, 0, line(0, -700), line(0, 885))
        assert statuses(book([whole], ledger)) == ["unchanged"]


def test_an_identical_line_of_a_second_statement_counts_too() -> None:
    ledger = empty()
    assert statuses(book([statement(0, 0, 0, line(0, 100)), statement(100, 0, 0, line(0, 100))], ledger)) == [
        "booked",
        "extended",
    ]
    assert booked_lines(ledger)[line(0, 100).canonical] == 2


def test_the_earlier_statement_of_a_day_that_comes_later_is_held() -> None:
    ledger = empty()
    book([statement(100, 0, 0, line(0, 50))], ledger)
    assert statuses(book([statement(0, 0, 0, line(0, 100))], ledger)) == ["held"]


def test_what_could_be_read_two_ways_is_held() -> None:
    up, down = statement(0, 1, 1, line(1, 10)), statement(10, 1, 1, line(1, -10))
    assert statuses(book([up, down], empty())) == ["booked", "held"]
    level, again = statement(0, 1, 1, line(1, 10), line(1, -10)), statement(0, 1, 1, line(1, 10))
    for first, second in ((level, again), (again, level)):
        ledger = empty()
        assert [statuses(book([each], ledger)) for each in (first, second)] == [["booked"], ["held"]]
    ledger = empty()
    chain = [
        statement(opening, 0, 0, line(0, moved), statement_number=str(number))
        for number, (opening, moved) in enumerate([(0, 100), (100, 100), (200, -100), (100, 100)])
    ]
    assert statuses(book(chain, ledger)) == ["booked", "extended", "extended", "extended"]
    assert booked_lines(ledger).total() == 4


def test_a_second_statement_does_not_break_the_day_after() -> None:
    ledger = empty()
    book([statement(0, 0, 0, line(0, 100)), statement(100, 1, 1, line(1, 5))], ledger)
    assert statuses(book([statement(100, 0, 0, line(0, 50))], ledger)) == ["held"]


def test_a_second_statement_stays_known_only_while_its_lines_stand() -> None:
    ledger = empty()
    second = statement(100, 0, 0, line(0, 50))
    book([statement(0, 0, 0, line(0, 100)), second], ledger)
    book([statement(0, 0, 0, line(0, 30))], ledger, Rules(replace="erreur de la banque"))
    assert statuses(book([second], ledger)) == ["held"]


def test_pages_without_balances_between_are_joined_by_their_numbers_and_proven_whole() -> None:
    nothing = {"proof_code": "no_balances", "difference_centimes": None}
    one = statement(0, 0, 0, line(0, 100), page_number=1, is_last_page=False, closing_centimes=None, **nothing)
    two = statement(0, 0, 0, line(0, 50), page_number=2, is_last_page=False, **nothing)
    two = replace(two, opening_centimes=None, closing_centimes=None)
    three = statement(0, 0, 0, line(0, -30), page_number=3, is_last_page=True, opening_centimes=None, **nothing)
    for closing, proof in ((120, "proven"), (121, "unbalanced")):
        whole, held = joined([replace(three, closing_centimes=closing), one, two, one])
        assert held == []
        ((made),) = whole
        assert (made.opening_centimes, made.closing_centimes, made.proof_code) == (0, closing, proof)
        assert made.difference_centimes == closing - 120
    assert statuses(book([one, three], empty())) == ["held", "held"]
    open_ended = replace(three, closing_centimes=None)
    assert statuses(book([one, two, open_ended], empty())) == ["refused"]


def test_a_broken_report_of_the_day_is_refused() -> None:
    broken = statement(0, 0, 0, line(0, 100), is_interim=True, proof_code="broken")
    assert statuses(book([broken], empty())) == ["refused"]


def test_an_intraday_report_stays_out_of_the_ledger() -> None:
    ledger = empty()
    noon = statement(0, 0, 0, line(0, 100), is_interim=True, format_code="mt942")
    booking = book([noon, noon], ledger)
    assert statuses(booking) == ["interim", "unchanged"]
    assert booked_lines(ledger) == Counter()


def test_lists_without_balances_add_by_document() -> None:
    ledger = empty()
    listed = statement(
        0, 0, 0, line(0, 100, "a"), proof_code="no_balances", opening_centimes=None, closing_centimes=None
    )
    more = replace(listed, lines=(line(0, 100, "b"),))
    assert statuses(book([listed, more, listed], ledger)) == ["booked", "extended", "unchanged"]
    assert booked_lines(ledger) == Counter([line(0, 100, "a").canonical, line(0, 100, "b").canonical])


DELIVERIES = [
    "several a day",
    "several a day, twice",
    "a file a day",
    "overlapping",
    "twice, shuffled",
    "pages",
    "noon, then the day",
    "corrected",
]


def in_parts(rng: Random, whole: Statement) -> list[Statement]:
    """A day's statement as a chain of statements of the same day, no two of them alike."""
    places = sorted(rng.randint(0, len(whole.lines)) for _ in range(rng.randint(0, 2)))
    parts, opening = [], whole.opening_centimes or 0
    day = (whole.closing_date - START).days if whole.closing_date else 0
    for start, end in pairwise([0, *places, len(whole.lines)]):
        number = f"{day}/{len(parts)}"
        parts.append(statement(opening, day, day, *whole.lines[start:end], statement_number=number))
        opening = parts[-1].closing_centimes or 0
    alike = {(part.opening_centimes, frozenset(Counter(part.lines).items())) for part in parts}
    return parts if len(alike) == len(parts) else [whole]


def deliver(rng: Random, lines: list[Line], kind: str) -> list[Statement]:
    days = sorted({(each.booking_date - START).days for each in lines if each.booking_date})
    last = days[-1]

    def part(first: int, to: int) -> Statement:
        before = sum(e.amount_centimes for e in lines if e.booking_date and (e.booking_date - START).days < first)
        inside = [e for e in lines if e.booking_date and first <= (e.booking_date - START).days <= to]
        return statement(1000 + before, first, to, *rng.sample(inside, len(inside)))

    daily = [part(day, day) for day in range(last + 1)]
    if kind == "overlapping":
        return [part(max(0, day - rng.randint(0, 2)), day) for day in range(last + 1)]
    if kind == "twice, shuffled":
        return daily + [part(day, day) for day in range(last + 1)]
    if kind == "pages":
        cut = rng.randint(0, len(lines))
        one = statement(1000, 0, last, *lines[:cut], page_number=1, is_last_page=False)
        return [statement(one.closing_centimes or 0, 0, last, *lines[cut:], page_number=2, is_last_page=True), one]
    if kind == "noon, then the day":
        whole = part(last, last)
        return [
            *daily,
            statement(whole.opening_centimes or 0, last, last, *whole.lines[: rng.randint(0, len(whole.lines))]),
        ]
    if kind.startswith("several a day"):
        parts = [piece for whole in daily for piece in in_parts(rng, whole)]
        return parts + [replace(part) for part in parts] if kind.endswith("twice") else parts
    if kind == "corrected":
        right = next(each for each in daily if each.lines)
        wrong = right.lines[0]._replace(amount_centimes=right.lines[0].amount_centimes + 7)
        return [
            *daily,
            replace(right, lines=(wrong, *right.lines[1:]), closing_centimes=(right.closing_centimes or 0) + 7),
        ]
    return daily


@pytest.mark.parametrize("kind", DELIVERIES)
@given(seed=st.integers(0, 10**9))
def test_no_delivery_is_silently_wrong(kind: str, seed: int) -> None:
    rng = Random(seed)
    lines = [
        line(day, rng.choice([100, -100, 100, 50, -30]))
        for day in range(rng.randint(2, 5))
        for _ in range(rng.randint(0, 5))
    ]
    lines.append(line(5, 20))
    deliveries = deliver(rng, lines, kind)
    rng.shuffle(deliveries)
    ledger, troubled = empty(), False
    groups = [deliveries] if kind == "pages" or rng.random() < 0.5 else [[each] for each in deliveries]
    for group in groups:
        booking = book(group, ledger)
        troubled |= any(p.severity in ("held", "refused") for p in booking.problems)
    wanted = Counter(each.canonical for each in lines)
    assert troubled or booked_lines(ledger) == wanted


def test_a_statement_that_comes_late_fills_the_day_that_the_next_one_knew_by_its_opening_alone() -> None:
    # The opening balance of the next statement bears the last day of the missing one.
    january = statement(0, 0, 1, line(0, 100))
    march = statement(70, 5, 7, line(6, 30))
    late = statement(100, 2, 5, line(3, -50), line(5, 20))
    ledger = empty()
    book([january, march], ledger)
    told = book([late], ledger)
    assert statuses(told) == ["extended"]
    days = ledger.days["A-00", "MAD"]
    assert [days[START + timedelta(days=n)].closing for n in (1, 2, 5, 6, 7)] == [100, 100, 70, 100, 100]
    assert booked_lines(ledger) == Counter(each.canonical for s in (january, late, march) for each in s.lines)


def test_a_day_without_lines_that_follows_from_the_one_before_is_no_gap() -> None:
    ledger = empty()
    book([statement(0, 0, 1, line(0, 70)), statement(70, 2, 3)], ledger)
    assert statuses(book([statement(50, 2, 2, line(2, 20))], ledger)) == ["held"]


def test_a_statement_without_currency_or_that_closes_before_it_opens_is_refused() -> None:
    ledger = empty()
    odd = [statement(0, 0, 0, line(0, 100), currency_code=""), statement(0, 5, 2, line(5, 100))]
    booking = book(odd, ledger)
    assert statuses(booking) == ["refused", "refused"]
    assert {problem.code for problem in booking.problems} == {"statement_currency_missing", "statement_reversed"}
    assert not booked_lines(ledger)


def test_a_late_statement_a_centime_off_the_next_opening_is_told() -> None:
    ledger = empty()
    book([statement(1000, 0, 0), statement(3000, 2, 2)], ledger)
    late = book([statement(1000, 1, 1, line(1, 2001))], ledger)
    assert [(problem.code, problem.values["difference"]) for problem in late.problems] == [
        ("balances_apart", "-0,01 MAD")
    ]
    exact = empty()
    book([statement(1000, 0, 0), statement(3000, 2, 2)], exact)
    assert book([statement(1000, 1, 1, line(1, 2000))], exact).problems == []


def test_an_opening_that_is_not_the_closing_of_the_day_before_is_no_missing_day() -> None:
    ledger = empty()
    book([statement(1000, 0, 0)], ledger)
    told = book([statement(1001, 1, 1, line(1, 5))], ledger).problems
    assert [(problem.code, problem.values["difference"]) for problem in told] == [("balances_apart", "0,01 MAD")]


def test_a_late_month_that_nets_to_zero_fills_its_gap() -> None:
    # The statement after it dates its opening the day before, as some banks do: a bare day, with the balance of two months earlier.
    ledger = empty()
    book([statement(1000, 0, 1, line(0, 500), line(1, -500)), statement(1000, 4, 6, line(5, 70))], ledger)
    late = book([statement(1000, 2, 4, line(2, 300), line(4, -300))], ledger)
    assert statuses(late) == ["extended"]
    assert sum(booked_lines(ledger).values()) == 5


def test_an_unbalanced_statement_whose_days_stand_is_not_accepted_again() -> None:
    ledger = empty()
    odd = statement(1000, 0, 0, line(0, 500), closing_centimes=1501, proof_code="unbalanced", difference_centimes=1)
    accept = Rules(accept_unbalanced="vu avec la banque")
    assert [problem.code for problem in book([odd], ledger, accept).problems] == ["statement_accepted_unbalanced"]
    again = book([odd], ledger, accept)
    assert (statuses(again), again.problems) == (["unchanged"], [])
