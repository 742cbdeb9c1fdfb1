"""Mirrors cash/own_transfers.py."""

from datetime import date

import pandas as pd

from tests.builders import rows, table
from workbench.cash import flows_by, lines_between, own_transfers, sweeps

LINES = table("""
    account_number currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim  details
    A              MAD           2024-01-02        1 2024-01-02            -500 V1        -            false         false  -
    B              MAD           2024-01-04        1 2024-01-04             500 V1        -            false         false  -
    B              MAD           2024-01-05        1 2024-01-05             500 V1        -            false         false  -
    A              MAD           2024-01-08        1 2024-01-08            -900 -         -            false         false  -
    B              MAD           2024-01-09        1 2024-01-09             900 -         -            false         false  -
    A              MAD           2024-01-10        1 2024-01-10             -40 V2        B            false         false  -
    A              MAD           2024-01-11        1 2024-01-11            -250 V3        -            false         false  -
    E              EUR           2024-01-11        1 2024-01-11             250 V3        -            false         false  -
    X              MAD           2024-01-11        1 2024-01-11             250 V3        -            false         false  -
    A              MAD           2024-01-12        1 2024-01-12           -1000 V4        -            false         false  -
    B              MAD           2024-02-12        1 2024-02-12            1000 V4        -            false         false  -
    B              MAD           2024-01-02        1 2024-01-02             500 V1        -            true          false  -
""")
OWN = ["A", "B", "E"]
MARKED = own_transfers(lines_between(LINES, start=date(2024, 1, 1), as_of=date(2024, 2, 28)), OWN)


def _codes(marked: pd.DataFrame) -> dict[tuple[str, int, str], str]:
    named = marked[marked["pair_code"].notna()]
    return {(r.account_number, int(r.amount_centimes), str(r.day_date.date())): r.pair_code for r in named.itertuples()}


def test_both_legs_pair_by_reference_and_amount_an_amount_alone_is_only_probable() -> None:
    assert _codes(MARKED) == {
        ("A", -500, "2024-01-02"): "paired",
        ("B", 500, "2024-01-04"): "paired",  # the nearest; the second credit of V1 stays a flow
        ("A", -900, "2024-01-08"): "probable",
        ("B", 900, "2024-01-09"): "probable",
        ("A", -40, "2024-01-10"): "unpaired",  # names own account B, which never got it
    }


def test_another_currency_another_owner_or_a_month_later_never_pairs() -> None:
    assert not {amount for _, amount, _ in _codes(MARKED)} & {-250, 250, -1000, 1000}


def test_flows_without_own_transfers_still_add_up_to_the_lines() -> None:
    accounts = pd.DataFrame({"account_number": ["A", "B"], "bank_code": ["1", "2"]})
    by_bank = flows_by(MARKED, accounts, ["bank_code"])
    named = by_bank[by_bank["bank_code"].notna()]
    assert rows(named.drop(columns="line_count")) == [
        ("1", "MAD", 0, -900 - 40 - 250 - 1000, -500),
        ("2", "MAD", 500 + 900 + 1000, 0, 500),
    ]
    office = flows_by(MARKED, accounts)
    assert office["own_transfer_centimes"].sum() == 0
    total = office[["receipt_centimes", "disbursement_centimes", "own_transfer_centimes"]].sum().sum()
    assert total == MARKED["amount_centimes"].sum()


def test_an_own_account_in_the_further_text_makes_the_line_an_unpaired_leg() -> None:
    own = {"011780000002110000000481", "022780000002110000004264"}
    lines = table("""
        account_number           currency_code day_date   day_rank value_date amount_centimes reference counterparty details
        022780000002110000004264 MAD           2024-12-02        1 2024-12-02           20000 N1        -            NPY011780000002110000000481
        022780000002110000004264 MAD           2024-12-02        2 2024-12-02           30000 N2        -            NPY9011780000002110000000481
        022780000002110000004264 MAD           2024-12-02        3 2024-12-02           40000 N3        -            NPY022780000002110000004264
    """)
    assert [None if pd.isna(code) else code for code in own_transfers(lines, own)["pair_code"]] == [
        "unpaired",
        None,
        None,
    ]


def test_a_sweep_is_a_habit_that_has_not_stopped() -> None:
    text = """
        account_number value_date amount_centimes
        FED            2024-07-05 500
        FED            2024-08-05 500
        FED            2024-08-05 200
        FED            2024-09-04 500
        EMPTIED        2024-09-06 -100
        EMPTIED        2024-09-13 -100
        EMPTIED        2024-09-27 -100
        BOTH           2024-09-06 -100
        BOTH           2024-09-13 -100
        BOTH           2024-09-20 -100
        BOTH           2024-09-02 300
        BOTH           2024-09-12 300
        BOTH           2024-09-22 300
        TWICE          2024-09-20 100
        TWICE          2024-09-20 100
        TWICE          2024-09-27 100
        STOPPED        2024-07-08 100
        STOPPED        2024-07-15 100
        STOPPED        2024-07-22 100
        LONG_AGO       2024-01-05 100
        LONG_AGO       2024-02-05 100
        LONG_AGO       2024-09-20 100
    """
    found = sweeps(table(text), date(2024, 9, 30))
    assert found.set_index("account_number")["sweep_code"].to_dict() == {
        "BOTH": "fed",
        "EMPTIED": "emptied",
        "FED": "fed",
    }
    assert list(found["sweep_count"]) == [3, 3, 3]
    assert sweeps(table(text), date(2024, 10, 3)).set_index("account_number").index.tolist() == ["EMPTIED", "FED"]
    assert sweeps(table(text).head(0), date(2024, 9, 30)).empty
