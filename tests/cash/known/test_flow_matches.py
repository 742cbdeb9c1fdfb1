"""Mirrors cash/known/flow_matches.py: what is told twice is matched once, what is only like is not."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import rows, table
from workbench.cash.known.flow_matches import MATCH_COLUMNS, matches

KEEPERS = """
    flow_id flow_source_code account_number currency_code from_date  due_date   amount_centimes counterparty reference
"""
ROWS = KEEPERS


def found(keepers: str, given_rows: str) -> list[tuple[object, ...]]:
    told = matches(table(KEEPERS + keepers.strip()), table(ROWS + given_rows.strip()))
    return rows(told[["flow_id", "kept_flow_id", "match_code", "gap_centimes"]])


def test_a_reference_matches_and_a_part_payment_leaves_its_rest() -> None:
    one = "O1 order D MAD 2025-01-08 2025-01-10 {} - ov-1"
    due = "S1 supplier D MAD 2025-01-10 2025-01-10 -1000 ALPHA OV1"
    assert found(one.format(-1000), due) == [("S1", "O1", "reference", 0)]
    assert found(one.format(-400), due) == [("S1", "O1", "reference", -600)]
    assert found(one.format(-1200), due) == [("S1", "O1", "reference", 0)]
    assert found(one.format(1000), due) == []  # it runs the other way


def test_several_rows_of_one_reference_are_one_order_where_they_add_up() -> None:
    two = """
    S1 supplier D MAD 2025-01-10 2025-01-10 -600 ALPHA OV1
    S2 supplier D MAD 2025-01-12 2025-01-12 -400 ALPHA OV1
    S3 supplier D MAD 2025-03-12 2025-03-12 -400 ALPHA OV1
    """
    order = "O1 order D MAD 2025-01-08 2025-01-10 -1000 - OV1"
    assert found(order, two) == [("S1", "O1", "reference", 0), ("S2", "O1", "reference", 0)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ("O1 order D MAD 2025-01-08 2025-01-10 -1000 alpha -", "amount"),  # the same name, written otherwise
        ("O1 order E MAD 2025-01-08 2025-01-10 -1000 ALPHA -", None),  # from another account
        ("O1 order D EUR 2025-01-08 2025-01-10 -1000 ALPHA -", None),
        ("O1 order D MAD 2025-01-08 2025-01-10 -1000 BETA -", None),  # to somebody else
        ("O1 order D MAD 2025-01-08 2025-01-10 -1001 ALPHA -", None),
        (
            "O1 order D MAD 2025-01-08 2025-01-10 -1000 - -",
            "amount",
        ),  # nobody is named: the account and the day are enough
        (
            "O1 order - MAD 2025-01-08 2025-01-10 -1000 - -",
            None,
        ),  # neither a name nor an account: an amount alone proves nothing
        ("O1 order D MAD 2025-01-24 2025-01-27 -1000 ALPHA -", "amount"),  # seven days after
        ("O1 order D MAD 2025-01-25 2025-01-27 -1000 ALPHA -", None),
    ],
)
def test_an_amount_matches_with_a_name_or_an_account_and_a_near_day(changed: str, code: str | None) -> None:
    due = "S1 supplier D MAD 2025-01-17 2025-01-17 -1000 ALPHA FAC1"
    assert [row[2] for row in found(changed, due)] == ([code] if code else [])


def test_two_equal_rows_and_one_order_leave_one() -> None:
    due = """
    S1 supplier D MAD 2025-01-17 2025-01-17 -1000 ALPHA FAC1
    S2 supplier D MAD 2025-01-10 2025-01-10 -1000 ALPHA FAC2
    """
    order = "O1 order D MAD 2025-01-10 2025-01-10 -1000 ALPHA -"
    assert found(order, due) == [("S2", "O1", "amount", 0)]


def test_nothing_matches_nothing() -> None:
    none = table(ROWS + "S1 supplier D MAD 2025-01-17 2025-01-17 -1000 - -").iloc[:0]
    told = matches(none, none)
    assert (len(told), list(told.columns)) == (0, MATCH_COLUMNS)


@given(
    st.lists(
        st.tuples(st.sampled_from([-100, -200, -300, 100]), st.sampled_from("AB-"), st.sampled_from(["R1", "R2", "-"])),
        max_size=6,
    ),
    st.lists(
        st.tuples(st.sampled_from([-100, -200, -300, 100]), st.sampled_from("AB-"), st.sampled_from(["R1", "R2", "-"])),
        max_size=6,
    ),
)
def test_a_row_is_matched_once_and_what_is_left_is_a_part_of_it(
    orders: list[tuple[int, str, str]], due: list[tuple[int, str, str]]
) -> None:
    def written(name: str, these: list[tuple[int, str, str]]) -> pd.DataFrame:
        lines = [f"{name}{n} x D MAD 2025-01-10 2025-01-10 {a} {who} {ref}" for n, (a, who, ref) in enumerate(these)]
        return table(KEEPERS + "\n".join([*lines, "Z x D MAD 2025-01-10 2025-01-10 1 - -"])).iloc[: len(these)]

    told = matches(written("O", orders), written("S", due))
    assert told["flow_id"].is_unique
    assert (told["gap_centimes"].abs() < told["amount_centimes"].abs()).all()
    single = told[told["match_code"] == "amount"]
    assert single["kept_flow_id"].is_unique
