"""Mirrors cash/forward.py."""

from datetime import date

import pandas as pd

from tests.builders import rows, table
from workbench.cash import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.standards import load_bank_days

BANK_DAYS = load_bank_days()
AS_OF = date(2024, 12, 31)  # a Tuesday; 1 January is closed: J+1 is Thursday 2, J+5 Wednesday 8
TODAY = table("""
    account_number currency_code value_centimes
    A              MAD                     1000
    E              EUR                      700
""")
PLANNED = table("""
    flow_id account_number flow_kind_code     certainty_code issued_date expected_date settled_date amount_centimes currency_code counterparty
    F1      A              cheque_issued      certain        2024-12-20  2024-12-24    -                       -100 MAD           -
    F2      A              deposit_in_course  announced      2024-12-30  2025-01-01    -                        250 MAD           -
    F3      A              maturity           certain        -           2025-01-04    -                       -900 MAD           -
    F4      A              order_issued       certain        2024-12-10  2024-12-12    2024-12-12             -5000 MAD           -
    F5      A              order_issued       certain        2025-01-02  2025-01-03    -                      -6000 MAD           -
    F6      A              maturity           certain        -           2025-01-09    -                      -7000 MAD           -
    F7      Z              order_issued       certain        2024-12-31  2025-01-02    -                        -33 MAD           -
    F8      A              order_issued       certain        2024-12-31  2025-01-02    2025-01-02               -20 MAD           -
""")
WAY = table("""
    account_number currency_code day_date   amount_centimes
    A              MAD           2025-01-02              60
    E              EUR           2025-01-05             -70
""")
FLOWS = named_flows(flows_in_course(PLANNED, as_of=AS_OF), WAY, BANK_DAYS, AS_OF)


def test_what_was_known_and_not_settled_falls_on_bank_days() -> None:
    # Settled before J, issued after J and expected after J+5 stay out; settled after J was still in course on J.
    assert rows(FLOWS[["flow_date", "account_number", "flow_kind_code", "amount_centimes", "is_overdue"]]) == [
        (date(2025, 1, 2), "A", "cheque_issued", -100, True),
        (date(2025, 1, 2), "Z", "order_issued", -33, False),
        (date(2025, 1, 2), "A", "order_issued", -20, False),
        (date(2025, 1, 2), "A", "booked", 60, False),
        (date(2025, 1, 2), "A", "deposit_in_course", 250, False),
        (date(2025, 1, 6), "A", "maturity", -900, False),
        (date(2025, 1, 6), "E", "booked", -70, False),
    ]


def test_what_is_late_is_no_longer_certain() -> None:
    late = FLOWS.set_index("amount_centimes")["certainty_code"]
    assert (late[-100], late[-900], late[60]) == ("overdue", "certain", "certain")


def test_balances_from_j_to_j5_open_on_the_last_close() -> None:
    forward = forward_positions(TODAY, FLOWS, BANK_DAYS, AS_OF)
    mine = forward[forward["account_number"] == "A"]
    assert rows(mine[["step_count", "day_date", "flow_centimes", "value_centimes"]]) == [
        (0, date(2024, 12, 31), 0, 1000),
        (1, date(2025, 1, 2), 190, 1190),
        (2, date(2025, 1, 3), 0, 1190),
        (3, date(2025, 1, 6), -900, 290),
        (4, date(2025, 1, 7), 0, 290),
        (5, date(2025, 1, 8), 0, 290),
    ]
    assert (forward["opening_centimes"] + forward["flow_centimes"] == forward["value_centimes"]).all()


def test_a_flow_on_an_account_without_balance_is_shown_and_not_added() -> None:
    assert rows(flows_without_balance(TODAY, FLOWS)[["account_number", "amount_centimes"]]) == [("Z", -33)]


def test_nothing_to_come_keeps_the_balance() -> None:
    none = named_flows(flows_in_course(PLANNED.head(0), as_of=AS_OF), WAY.head(0), BANK_DAYS, AS_OF)
    assert none.empty
    assert list(flows_without_balance(TODAY, none).columns) == list(none.columns)
    assert set(forward_positions(TODAY, none, BANK_DAYS, AS_OF)["value_centimes"]) == {1000, 700}


def test_what_was_settled_after_the_last_statement_is_still_to_come() -> None:
    # The balance of 1,000 is that of the 11th: the order debited on the 12th is not in it; that of an account never told of is nowhere.
    last = table("""
        account_number currency_code statement_date
        A              MAD           2024-12-11
    """)
    flows = named_flows(flows_in_course(PLANNED, last, as_of=AS_OF), WAY, BANK_DAYS, AS_OF)
    late = flows[flows["amount_centimes"] == -5000]
    assert rows(late[["flow_date", "certainty_code", "is_overdue"]]) == [(date(2025, 1, 2), "certain", True)]
    assert len(flows) == len(FLOWS) + 1
    on_time = last.assign(statement_date=pd.Timestamp("2024-12-12"))
    assert -5000 not in set(flows_in_course(PLANNED, on_time, as_of=AS_OF)["amount_centimes"])
