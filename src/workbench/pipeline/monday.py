"""The list of a Monday of an office: what is owed, the days by which to act, the acts taken, the plans kept, brought together for a page."""

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from workbench import recovery
from workbench.errors import Unanswerable
from workbench.frames import frame, to_pandas
from workbench.recovery import impairment, worklist
from workbench.recovery.balances import on_day
from workbench.recovery.cohort_cells import cohort_cells
from workbench.recovery.cohort_rates import ultimate_rates
from workbench.recovery.monday_sheet import MondaySheet
from workbench.recovery.unpaid import EVENTS_TABLES
from workbench.standards import value_on

AGES = (30, 60, 90, 120, 180, 270, 365, 545, 730, 1095)  # days: as far as books go, coarser where little is paid


def monday_sheet_of(office: Any, as_of: date | str, currency_code: str = "MAD") -> MondaySheet:
    """The list of an office on a date, in one currency. Raises `Unanswerable` where no bill was issued by then."""
    day = on_day(as_of)
    events = [office[name] for name in EVENTS_TABLES]
    owed = recovery.open_items(*events, office["disputes"], as_of=day, lazy=True)
    placed = _in_agencies(owed, office["units"], day, currency_code)
    if placed.empty and not _is_billed(office["invoices"], day):
        raise Unanswerable(f"no bill was issued by {day.isoformat()}", "invoices", "import the bills, or ask for another date")  # fmt: skip
    rules = impairment.load_limitation_rules()
    paid = impairment.part_payments(placed, events[1], events[2], as_of=day, lazy=True)
    steps = _known(office["enforcement_steps"], "opened_date", day)
    days = impairment.last_days_to_act(placed, rules, steps, paid, as_of=day)
    claims = days.merge(placed[["invoice_id", "agency_code"]], on="invoice_id", how="left")
    kept, broken = _plans(office["payment_plans"], day)
    disputed = placed.loc[placed["is_disputed"], "invoice_id"]
    items = worklist.monday_items(claims, list(disputed), kept, day)
    cells = cohort_cells(*events, as_of=day, by="segment_code", ages=AGES)
    rates = ultimate_rates(cells[cells["currency_code"] == currency_code], "segment_code")
    acts = worklist.load_acts()
    mine = steps[steps["invoice_id"].isna() | steps["invoice_id"].isin(items["invoice_id"])]
    least = value_on("worklist_smallest", day)
    names = worklist.monday_names(
        items, rates, worklist.acts_on(acts, day), mine, broken, as_of=day, smallest_centimes=int(least.value)
    )
    return MondaySheet(
        as_of=day,
        currency_code=currency_code,
        items=items,
        names=_named(names, office["customers"], day),
        acts=_shown(acts, day),
        is_illustrative=any(act.status == "illustrative" for act in acts),
        smallest_centimes=int(least.value),
        is_limit_confirmed=all(rule.status == "official" for rule in rules),
        owed_centimes=int(placed["outstanding_centimes"].sum()),
    )


def _in_agencies(owed: Any, units: Any, day: date, currency_code: str) -> pd.DataFrame:
    """Debit items of the currency with the agency of their centre; one whose centre the register does not place is of no agency."""
    mine = frame(owed).filter(nw.col("outstanding_centimes") > 0, nw.col("currency_code") == currency_code)
    centers = nw.from_native(recovery.units_on(units, day, lazy=True)).select("center_code", "agency_code")
    return to_pandas(mine.join(centers, on="center_code", how="left").sort("invoice_id"))


def _is_billed(invoices: Any, day: date) -> bool:
    return bool(to_pandas(frame(invoices).filter(nw.col("issue_date") <= day).select(n=nw.len()))["n"].iloc[0])


def _known(table: Any, dated: str, day: date) -> pd.DataFrame:
    return to_pandas(frame(table).filter(nw.col(dated) <= day))


def _plans(plans: Any, day: date) -> tuple[list[str], list[str]]:
    """Customers who keep a plan that goes on, and those who have broken one."""
    signed = _known(plans, "signed_date", day)
    cut, today = signed["broken_date"].le(pd.Timestamp(day)).fillna(False), pd.Timestamp(day)
    broken = sorted(set(signed.loc[cut, "customer_code"]))
    is_late = (signed["due_date"] < today) & (signed["paid_date"].isna() | (signed["paid_date"] > today))
    late = set(signed.loc[is_late, "customer_code"])
    goes_on = set(signed.loc[~cut & (signed["due_date"] >= today), "customer_code"])
    return sorted(goes_on - late - set(broken)), broken


def _named(names: pd.DataFrame, customers: Any, day: date) -> pd.DataFrame:
    """Names of customers on the day, where the register gives them; else their code."""
    known = to_pandas(frame(customers).select("customer_code", "customer_name", "valid_from_date"))
    known = known[known["valid_from_date"] <= pd.Timestamp(day)].sort_values("valid_from_date")
    last = known.drop_duplicates("customer_code", keep="last").set_index("customer_code")["customer_name"]
    told = names["customer_code"].map(last)
    names.insert(3, "customer_name", told.where(told.notna(), names["customer_code"]))
    return names


def _shown(acts: tuple[worklist.Act, ...], day: date) -> pd.DataFrame:
    rows = [
        (
            act.segment_code,
            act.rank,
            act.act_code,
            act.after_days,
            act.wait_days,
            act.added_share,
            act.status,
            act.source,
        )
        for ladder in worklist.acts_on(acts, day).values()
        for act in ladder
    ]
    names = ["segment_code", "act_rank", "act_code", "after_days", "wait_days", "added_share", "nature_code", "source"]
    return pd.DataFrame(rows, columns=names)
