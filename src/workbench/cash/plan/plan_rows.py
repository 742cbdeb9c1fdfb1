"""Rows that enter a plan one by one: known flows on their series, overrides that a person typed, and those that are refused."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.closed import is_closed
from workbench.cash.known.known_flows import KnownFlows
from workbench.schemas.checking import Problem
from workbench.standards import BankDays

OVERRIDE_COLUMNS = [
    "override_id",
    "entered_by",
    "entered_at",
    "line_code",
    "account_number",
    "flow_date",
    "amount_centimes",
    "note",
]


@dataclass(frozen=True)
class Placed:
    """Overrides that count, each on its bank day (`OVERRIDE_COLUMNS`), and the problems of those that do not."""

    rows: pd.DataFrame
    problems: tuple[Problem, ...]


def placed_overrides(
    overrides: pd.DataFrame,
    accounts: pd.DataFrame,
    lines: Collection[str],
    bank_days: BankDays,
    as_of: date,
    until: date,
    currency_code: str,
) -> Placed:
    """The overrides of a currency typed by `as_of` that aim at a day after it.

    One of an account that is unknown or closed on its day, of a line that there is not, beyond `until`, or in another currency than its
    account, is a problem and changes nothing; so is one that aimed at a day before it was typed. One whose day has passed since is history, no
    problem. A closed day is moved to the next bank day.
    """
    typed = (
        overrides[pd.to_datetime(overrides["entered_at"], utc=True).dt.date <= as_of] if len(overrides) else overrides
    )
    known = accounts.drop_duplicates("account_number").set_index("account_number")
    held = set(known["currency_code"])
    rows, problems = [], []
    for row in typed.sort_values("override_id").to_dict("records"):
        target, entered = (pd.Timestamp(row[name]).date() for name in ("target_date", "entered_at"))
        theirs = known["currency_code"].get(row["account_number"]) or row["currency_code"]
        is_ours = theirs == currency_code or theirs not in held
        if not is_ours or entered <= target <= as_of:
            continue
        if code := _fault(row, target, entered, known, lines, until):
            values = {**{name: str(row[name]) for name in ("override_id", "account_number", "line_code", "currency_code")},
                      "day": target.strftime("%d/%m/%Y"), "until": until.strftime("%d/%m/%Y"), "entered": entered.strftime("%d/%m/%Y")}  # fmt: skip
            problems.append(Problem(code, "refused", values, table_name="overrides", row_key=str(row["override_id"])))
            continue
        rows.append({**row, "flow_date": pd.Timestamp(bank_days.add(target, 0))})
    return Placed(pd.DataFrame(rows, columns=OVERRIDE_COLUMNS), tuple(problems))


def _fault(
    row: dict[Any, Any], target: date, entered: date, known: pd.DataFrame, lines: Collection[str], until: date
) -> str:
    number = row["account_number"]
    if number not in known.index:
        is_held = row["currency_code"] in set(known["currency_code"])
        return "override_account_unknown" if is_held else "override_currency_unheld"
    if target < entered:
        return "override_past"
    if bool(is_closed(known.loc[[number]], target).iloc[0]):
        return "override_account_closed"
    if row["line_code"] not in lines:
        return "override_line_unknown"
    if row["currency_code"] != known["currency_code"][number]:
        return "override_currency"
    return "override_beyond" if target > until else ""


def placed_flows(known: pd.DataFrame, flows: pd.DataFrame, accounts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Known flows, those without an account on the open one that moved most of their line in the past (else the first open one).

    `known` of one currency; `flows` their history (`daily_flows`); `accounts` of the currency. Adds `is_account_assumed`.
    """
    found = known.assign(is_account_assumed=known["account_number"].isna())
    if not found["is_account_assumed"].any():
        return found
    open_ones = accounts[~is_closed(accounts, as_of)]
    numbers = set(open_ones["account_number"])
    size = flows[flows["account_number"].isin(numbers)].assign(
        size=lambda table: table["amount_centimes"].abs().astype("float64")
    )
    most = size.groupby(["line_code", "account_number"])["size"].sum().reset_index()
    most = most.sort_values(["line_code", "size", "account_number"], ascending=[True, False, True]).drop_duplicates(
        "line_code"
    )
    usual = dict(zip(most["line_code"], most["account_number"], strict=True))
    fallback = _fallback(open_ones)
    assumed = [usual.get(line, fallback) for line in found["line_code"]]
    return found.assign(
        account_number=found["account_number"].where(
            ~found["is_account_assumed"], pd.Series(assumed, index=found.index, dtype="str")
        )
    )


def _fallback(accounts: pd.DataFrame) -> str | None:
    central = accounts[accounts["role_code"] == "central"] if "role_code" in accounts else accounts[:0]
    numbers = sorted(central["account_number"]) or sorted(accounts["account_number"])
    return numbers[0] if numbers else None


def grid(
    rows: pd.DataFrame, series: pd.DataFrame, days: pd.DatetimeIndex, amount: str = "amount_centimes"
) -> npt.NDArray[np.int64]:
    """Amounts of rows (`account_number`, `line_code`, `flow_date`) as (H, n) centimes. Every row must have its day and series."""
    found = np.zeros((len(days), len(series)), dtype=np.int64)
    if len(rows):
        places = {
            key: place for place, key in enumerate(zip(series["account_number"], series["line_code"], strict=True))
        }
        columns = [places[key] for key in zip(rows["account_number"], rows["line_code"], strict=True)]
        at = days.get_indexer(pd.DatetimeIndex(rows["flow_date"]).as_unit("s"))
        np.add.at(found, (at, np.array(columns, dtype=np.intp)), rows[amount].to_numpy(dtype=np.int64))
    return found


def horizon_of(bank_days: BankDays, as_of: date) -> tuple[date, date]:
    """Last day of the thirteen weeks and of the twelve months after `as_of` (a month end). Raises `OutsideSpan` where the calendar ends before."""
    daily = (pd.Timestamp(as_of) + pd.Timedelta(weeks=13)).date()
    until = (pd.Timestamp(as_of) + pd.DateOffset(months=12) + pd.offsets.MonthEnd(0)).date()
    bank_days.reach(until)
    return daily, until


def is_nothing_known(flows: pd.DataFrame, opening: pd.DataFrame, known: KnownFlows, as_of: date) -> bool:
    """Whether, in any currency, nothing moved by `as_of`, no balance is known and nothing is known to come: no plan says anything then."""
    is_moved = (pd.to_datetime(flows["flow_date"]) <= pd.Timestamp(as_of)).any()
    return not (is_moved or opening["value_centimes"].notna().any() or len(known.flows))


def told_accounts(opening: pd.DataFrame, accounts: pd.DataFrame, as_of: date, new_days: int = 91) -> pd.DataFrame:
    """Accounts that a page tells of: `note_code` `missing`, `stale`, `contradicted` (from `state_code`), `new` (opened under 13 weeks ago), `closed`."""
    states = opening.loc[opening["state_code"] != "proven", ["account_number", "state_code"]].rename(
        columns={"state_code": "note_code"}
    )
    opened = pd.to_datetime(accounts["opened_date"]) if "opened_date" in accounts else pd.Series(pd.NaT, accounts.index)
    new = accounts.loc[opened > pd.Timestamp(as_of) - pd.Timedelta(days=new_days), ["account_number"]].assign(
        note_code="new"
    )
    closed = accounts.loc[is_closed(accounts, as_of), ["account_number"]].assign(note_code="closed")
    return pd.concat([states, new, closed], ignore_index=True).sort_values(
        ["account_number", "note_code"], ignore_index=True
    )


def numbers_of(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The series (`account_number`, `line_code`) that any of the tables names."""
    return pd.concat([table[["account_number", "line_code"]] for table in tables], ignore_index=True).drop_duplicates()
