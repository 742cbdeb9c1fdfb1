"""Mirrors cash/idle.py; figures worked by hand in docs/methods/cash_position.md."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd

from tests.builders import rows, table, worked
from workbench.cash import accounts_without_floor, idle_balances, levelling_error, over_limit

CASES = worked("cash_position")
AS_OF = date(2024, 6, 30)


def _daily(balances: list[int], account: str = "A") -> pd.DataFrame:
    days = [AS_OF - timedelta(days=len(balances) - 1 - n) for n in range(len(balances))]
    frame = pd.DataFrame({"account_number": account, "currency_code": "MAD", "day_date": pd.to_datetime(days)})
    return frame.assign(value_centimes=pd.array(balances, dtype="Int64"))


def test_idle_money_and_its_cost_as_worked_by_hand() -> None:
    case = CASES["idle"]
    balances = [amount for days, amount in case["balances"] for _ in range(days)]
    accounts = pd.DataFrame(
        {"account_number": ["A", "B"], "floor_centimes": pd.array([case["floor"], None], dtype="Int64")}
    )
    found = idle_balances(_daily(balances), accounts, AS_OF, Decimal(case["rate"]), len(balances))
    assert rows(found[["idle_centimes", "numbers_centimes_days", "cost_centimes"]]) == [
        (0, case["numbers"], case["cost"])
    ]
    assert accounts_without_floor(accounts) == ["B"]


def test_debit_and_credit_at_once_net_inside_a_bank_not_across() -> None:
    case = CASES["levelling"]
    accounts = [
        (f"{bank}-{n}", bank, amount) for bank, amounts in case["banks"].items() for n, amount in enumerate(amounts)
    ]
    daily = pd.concat([_daily([amount], name) for name, _, amount in accounts])
    register = pd.DataFrame([(name, bank) for name, bank, _ in accounts], columns=["account_number", "bank_code"])
    found = levelling_error(daily, register, Decimal(case["rate_gap"]))
    assert rows(found[["error_centimes", "cost_centimes"]]) == [(case["error"], case["cost"])]
    assert levelling_error(daily[daily["value_centimes"] > 0], register, Decimal("0.05")).empty


def test_debit_beyond_its_limit_and_debit_without_any_limit() -> None:
    case = CASES["over_limit"]
    today = table("""
        account_number currency_code value_centimes
        B              MAD                     -100
        C              MAD                      900
        D              MAD                      -50
    """)
    today.loc[len(today)] = ["A", "MAD", case["value"]]
    limits = {
        "account_number": ["A", "B", "C", "D"],
        "overdraft_limit_centimes": pd.array([case["limit"], None, None, 50], dtype="Int64"),
    }
    found = over_limit(today, pd.DataFrame(limits))
    assert rows(found[["account_number", "excess_centimes"]]) == [("A", case["excess"]), ("B", 100)]
