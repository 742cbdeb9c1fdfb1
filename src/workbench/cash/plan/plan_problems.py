"""What a plan was made in spite of: odd rows of the office's tables, each with what was done with it and what to mend.

Nothing here is refused (that is for overrides, see `plan_rows`): a warning says that an amount is counted otherwise than its row says, or not
at all; a note says what a plan does not hold by its nature. A problem of a currency bears `currency_code` in its values.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.lines.flow_rules import UNCLASSIFIED
from workbench.cash.lines.value_dates import is_misdated, usable_days
from workbench.cash.models.routing import ENOUGH
from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_netting import KNOWN_ONLY
from workbench.frames import to_pandas
from workbench.money import Amount
from workbench.schemas.checking import Problem
from workbench.standards import BankDays

PLACEMENTS = "placements"  # the line of money placed and of what comes back of it, whatever register tells of it
_ACCOUNT = ["account_number", "currency_code"]


def of_value_dates(classified: pd.DataFrame, bank_days: BankDays, until: date) -> list[Problem]:
    """Lines in value years before they were booked, after the plan ends, or on a day that the calendar of banks does not hold."""
    value = pd.to_datetime(classified["value_date"])
    beyond = (value > pd.Timestamp(until)).to_numpy()
    lost = pd.isna(usable_days(classified, bank_days)) & ~beyond
    misread = is_misdated(classified, bank_days) & ~lost & ~beyond
    spans = {"first": _day(bank_days.first_day), "until": _day(until)}
    return [
        *_of_accounts("value_date_misread", classified[misread], spans),
        *_of_accounts("value_date_beyond_plan", classified[beyond], spans),
        *_of_accounts("lines_before_calendar", classified[lost], spans),
    ]


def _of_accounts(code: str, lines: pd.DataFrame, spans: dict[str, str]) -> list[Problem]:
    """A problem an account, which names the largest of its lines."""
    found = []
    for (account, currency), rows in lines.groupby(_ACCOUNT, sort=True):
        largest = rows.iloc[int(rows["amount_centimes"].astype("int64").abs().to_numpy().argmax())]
        values = {
            "account_number": account,
            "currency_code": currency,
            "count": len(rows),
            "day": _day(largest["day_date"]),
            "value": _day(largest["value_date"]),
            "amount": _amount(largest["amount_centimes"], currency),
        }
        found.append(
            Problem(code, "warning", {**values, **spans}, None, None, "bank_transactions", "value_date", str(account))
        )
    return found


def of_holes(holes: pd.DataFrame) -> list[Problem]:
    """Days between two statements of an account whose balances say that something moved: as from `cash.holes`."""
    found = []
    for row in holes.to_dict("records"):
        values = {
            "account_number": row["account_number"],
            "currency_code": row["currency_code"],
            "start": _day(row["start_date"]),
            "end": _day(row["end_date"]),
            "amount": _amount(row["gap_centimes"], row["currency_code"]),
        }
        found.append(
            Problem("history_gap", "warning", values, table_name="statement_days", row_key=row["account_number"])
        )
    return found


def of_history(flows: pd.DataFrame, as_of: date, bank_days: BankDays, currency_code: str) -> list[Problem]:
    """A history of a currency too short for a race of models (`routing.ENOUGH` bank days), none included."""
    past = pd.to_datetime(flows["flow_date"])
    first = past[past <= pd.Timestamp(as_of)].min()
    count = 0 if pd.isna(first) else len(open_days(bank_days, first.date(), as_of))
    if count >= ENOUGH:
        return []
    values = {"currency_code": currency_code, "count": count, "least": ENOUGH, "day": _day(as_of)}
    return [Problem("history_short", "warning", values, table_name="bank_transactions", row_key=currency_code)]


def of_panel(notes: pd.DataFrame, currency_code: str) -> list[Problem]:
    """What was done to the history of lines before models read it (`panel.notes_table`, amounts in units): a giant value brought down counts otherwise
    than its row says; a line that begins late has been learnt on few days."""
    if not len(notes):
        return []
    told = notes[notes["note_code"].isin(_MENDED) & ~notes["series"].isin(KNOWN_ONLY)]
    found = []
    for row in told.sort_values(["series", "start_date", "note_code"]).to_dict("records"):
        code, severity = _MENDED[row["note_code"]]
        values = {
            "line_code": row["series"],
            "currency_code": currency_code,
            "day": _day(row["start_date"]),
            "count": int(row["day_count"]),
        }
        if not pd.isna(row["amount_mad"]):
            values["amount"] = _amount(round(row["amount_mad"] * 100), currency_code)
        found.append(
            Problem(
                code,
                severity,
                values,
                table_name="bank_transactions",
                column_name="amount_centimes",
                row_key=row["series"],
            )
        )
    return found


_MENDED: dict[str, tuple[str, str]] = {
    "giant_brought_down": ("history_giant", "warning"),
    "begins_late": ("history_begins_late", "noted"),
}


def of_unknown_lines(flows: pd.DataFrame, budgets: Any, lines: Collection[str]) -> list[Problem]:
    """Codes of lines that there are not, in known flows (they count as unclassified) and in the budget (compared with nothing)."""
    odd = flows[~flows["line_code"].isin([*lines, UNCLASSIFIED])]
    found = [
        _line("line_unknown", code, currency, rows["amount_centimes"], rows["flow_source_code"])
        for (code, currency), rows in odd.groupby(["line_code", "currency_code"], sort=True)
    ]
    table = to_pandas(budgets)
    odd = table[~table["line_code"].isin([*lines, UNCLASSIFIED, "all"])]
    return found + [
        _line("budget_line_unknown", code, currency, rows["budget_centimes"])
        for (code, currency), rows in odd.groupby(["line_code", "currency_code"], sort=True)
    ]


def _line(code: str, line: object, currency: object, amounts: pd.Series, sources: Iterable[str] = ()) -> Problem:
    values = {
        "line_code": line,
        "currency_code": currency,
        "count": len(amounts),
        "amount": _amount(amounts.sum(), currency),
    }
    tables = sorted({_TABLES.get(source, source) for source in sources}) or ["budgets"]
    return Problem(code, "warning", values, table_name=", ".join(tables), column_name="line_code", row_key=str(line))


_TABLES = {"calendar": "payment_calendar", "agreement": "agreements", "loan": "loans", "instalment": "payment_plans"}


def of_currencies(left_out: pd.DataFrame, held: Collection[str]) -> list[Problem]:
    """Known flows in a currency of which no account is known: they are in no plan, so every plan tells of them."""
    odd = left_out[~left_out["currency_code"].isin(list(held))]
    return [
        Problem(
            "currency_unheld",
            "warning",
            {"currency": currency, "count": len(rows), "first": str(rows["flow_id"].min())},
            row_key=str(rows["flow_id"].min()),
        )
        for currency, rows in odd.groupby("currency_code", sort=True)
    ]


def of_closed_accounts(left_out: pd.DataFrame) -> list[Problem]:
    """Debts and other known flows of an account that is closed by their day: no total of the plan holds them. A problem an account and currency."""
    found = []
    for (account, currency), rows in left_out[left_out["left_out_code"] == "account_closed"].groupby(
        _ACCOUNT, sort=True
    ):
        first = rows.sort_values(["due_date", "flow_id"]).iloc[0]
        values = {
            "account_number": account,
            "currency_code": currency,
            "count": len(rows),
            "amount": _amount(rows["amount_centimes"].sum(), currency),
            "first": str(first["flow_id"]),
            "day": _day(first["due_date"]),
        }
        tables = ", ".join(sorted({_TABLES.get(source, source) for source in rows["flow_source_code"]}))
        found.append(Problem("account_closed_flows", "warning", values, table_name=tables, row_key=str(account)))
    return found


def of_placements(flows: pd.DataFrame, until: date) -> list[Problem]:
    """Placements that come back within the plan: nothing says that they will be placed again, so the plan keeps the money."""
    back = flows[(flows["line_code"] == PLACEMENTS) & (flows["amount_centimes"] > 0)]
    return [
        Problem(
            "maturities_not_renewed",
            "noted",
            {
                "currency_code": currency,
                "count": len(rows),
                "amount": _amount(rows["amount_centimes"].sum(), currency),
                "until": _day(until),
            },
            table_name="placements",
        )
        for currency, rows in back.groupby("currency_code", sort=True)
    ]


def _day(day: Any) -> str:
    return f"{pd.Timestamp(day):%d/%m/%Y}"


def _amount(centimes: Any, currency: object) -> Amount:
    return Amount(int(centimes), str(currency))
