"""Mirrors cash/positions.py. The tables in the tests are the tables that the function sees."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from workbench.cash import balance_steps, balances_on, daily_positions, position_on, positions_by, value_on_its_way

AS_OF = date(2024, 1, 5)
DAYS = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    A              a                  MAD           2024-01-02             1000             1500 false
    A              a                  MAD           2024-01-03             1500             1200 false
    A              a                  MAD           2024-01-05             1300             1300 false
    A              a                  MAD           2024-01-03             1500             9999 true
    B              b                  MAD           2024-01-03              -50              -80 false
    B              b                  MAD           2024-01-04                -                - false
    E              e                  EUR           2024-01-03                0              700 false
    B              b                  MAD           2024-01-08              -80                0 false
""")
LINES = table("""
    account_number account_identifier currency_code day_date   value_date amount_centimes is_superseded is_interim
    A              a                  MAD           2024-01-02 2024-01-04             500 false         false
    A              a                  MAD           2024-01-03 2024-01-02            -300 false         false
    A              a                  MAD           2024-01-03 2024-01-03            8199 true          false
    A              a                  MAD           2024-01-05 2024-01-05            4000 false         true
    B              b                  MAD           2024-01-03 2024-01-08             -30 false         false
    B              b                  MAD           2024-01-04 2024-01-04              77 false         false
    E              e                  EUR           2024-01-03 2024-01-03             700 false         false
""")
BANKS = table("""
    account_number bank_code
    A              007
    B              007
""")
STEPS = balance_steps(DAYS, LINES, as_of=AS_OF)


def test_booked_and_value_balances_flows_and_gaps_by_account() -> None:
    # A: 1000 + 500 booked on the 2nd, in value on the 4th; −300 booked on the 3rd counts in value from the 2nd; the statement of
    # the 5th opens 100 higher than the last one closed: a gap, never a flow.
    shown = [
        "account_number",
        "day_date",
        "booked_centimes",
        "value_centimes",
        "entered_centimes",
        "flow_centimes",
        "gap_centimes",
    ]
    assert rows(STEPS[shown]) == rows(
        table("""
        account_number day_date   booked_centimes value_centimes entered_centimes flow_centimes gap_centimes
        A              2024-01-02            1500            700             1000           500            0
        A              2024-01-03            1200            700                0          -300            0
        A              2024-01-04            1200           1200                0             0            0
        A              2024-01-05            1300           1300                0             0          100
        B              2024-01-03             -80            -50              -50           -30            0
        B              2024-01-08             -80            -80                0             0            0
        E              2024-01-03             700            700                0           700            0
    """)
    )


def test_a_day_without_statement_carries_the_last_balance_and_an_account_not_yet_seen_has_none() -> None:
    daily = daily_positions(STEPS, date(2024, 1, 2), AS_OF)
    assert rows(position_on(daily, date(2024, 1, 2))[["account_number", "booked_centimes"]]) == [("A", 1500)]
    last = position_on(daily, AS_OF)[["account_number", "opening_centimes", "booked_centimes"]]
    assert rows(last) == [("A", 1200, 1300), ("B", -80, -80), ("E", 700, 700)]


def test_currencies_are_never_added_and_an_unknown_account_stays_in_a_group_of_its_own() -> None:
    by_bank = positions_by(daily_positions(STEPS, AS_OF, AS_OF), BANKS, by=["bank_code"])
    shown = by_bank[["bank_code", "currency_code", "account_count", "booked_centimes", "value_centimes"]]
    assert rows(shown) == [("007", "MAD", 2, 1220, 1250), (None, "EUR", 1, 700, 700)]


def test_what_is_booked_and_not_yet_in_value_is_on_its_way() -> None:
    assert rows(value_on_its_way(STEPS, AS_OF)) == [("B", "MAD", date(2024, 1, 8), -30)]
    assert value_on_its_way(STEPS, AS_OF, horizon=date(2024, 1, 7)).empty


def test_no_statement_is_no_position() -> None:
    none = balance_steps(DAYS, LINES, as_of=date(2023, 12, 31))
    assert none.empty
    assert daily_positions(none, date(2023, 12, 1), date(2023, 12, 31)).empty


def test_a_day_under_two_names_of_one_account_counts_once() -> None:
    twice = pd.concat([DAYS, DAYS.assign(account_identifier=DAYS["account_identifier"] + "2")])
    lines = pd.concat([LINES, LINES.assign(account_identifier=LINES["account_identifier"] + "2")])
    assert rows(balance_steps(twice, lines, as_of=AS_OF)) == rows(STEPS)


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    days, lines = [], []
    for account in ("A", "B"):
        balance = draw(st.integers(-1000, 1000))
        for offset in sorted(draw(st.sets(st.integers(0, 12), min_size=1, max_size=5))):
            day = date(2024, 3, 1) + timedelta(days=offset)
            opening = balance + draw(st.sampled_from([0, 0, 7]))  # a gap now and then
            moves = draw(st.lists(st.tuples(st.integers(-500, 500), st.integers(-3, 4)), max_size=3))
            balance = opening + sum(amount for amount, _ in moves)
            days.append((account, account, "MAD", day, opening, balance, False))
            lines += [
                (account, account, "MAD", day, day + timedelta(days=lag), amount, False, False) for amount, lag in moves
            ]
    key = ["account_number", "account_identifier", "currency_code", "day_date"]
    day_table = pd.DataFrame(days, columns=[*key, "opening_centimes", "closing_centimes", "is_superseded"])
    line_table = pd.DataFrame(lines, columns=[*key, "value_date", "amount_centimes", "is_superseded", "is_interim"])
    line_table = line_table.astype(
        {
            "account_number": "str",
            "account_identifier": "str",
            "currency_code": "str",
            "amount_centimes": "int64",
            "is_superseded": "bool",
            "is_interim": "bool",
        }
    )
    for frame, names in ((day_table, ["day_date"]), (line_table, ["day_date", "value_date"])):
        for name in names:
            frame[name] = pd.to_datetime(frame[name])
    return day_table, line_table


@settings(max_examples=30, deadline=None)
@given(ledgers(), st.integers(0, 14))
def test_opening_plus_flows_is_closing_at_every_level_and_value_meets_booked(
    ledger: tuple[pd.DataFrame, pd.DataFrame], cut: int
) -> None:
    days, lines = ledger
    as_of = date(2024, 3, 1) + timedelta(days=cut)
    steps = balance_steps(days, lines, as_of=as_of)
    daily = daily_positions(steps, date(2024, 3, 1), date(2024, 3, 31))
    accounts = pd.DataFrame({"account_number": ["A", "B"], "bank_code": ["1", "1"]})
    for level in (daily, positions_by(daily, accounts, ["bank_code"]), positions_by(daily, accounts)):
        moved = level["opening_centimes"] + level["flow_centimes"] + level["gap_centimes"]
        assert (moved == level["booked_centimes"]).all()
    office = positions_by(daily, accounts)
    entered = office["booked_centimes"].shift(1).fillna(0) + office["entered_centimes"]
    assert (entered == office["opening_centimes"]).all()
    # Independently: balance in value = booked − not yet in value + already in value though booked later.
    for row in daily.itertuples():
        own = lines[(lines["account_number"] == row.account_number) & (lines["day_date"] <= pd.Timestamp(as_of))]
        later = own[(own["day_date"] <= row.day_date) & (own["value_date"] > row.day_date)]["amount_centimes"].sum()
        early = own[(own["day_date"] > row.day_date) & (own["value_date"] <= row.day_date)]["amount_centimes"].sum()
        assert row.value_centimes == row.booked_centimes - later + early


def test_balances_of_one_day_are_those_of_the_daily_positions() -> None:
    for day in (date(2024, 1, 2), AS_OF, date(2024, 6, 30)):
        whole = position_on(daily_positions(STEPS, day, day), day)
        names = ["account_number", "currency_code", "booked_centimes", "value_centimes"]
        pd.testing.assert_frame_equal(balances_on(STEPS, day), whole[names], check_dtype=False)
