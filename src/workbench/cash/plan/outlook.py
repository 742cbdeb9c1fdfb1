"""The whole outlook of cash on a date: a plan, its risk, what it rests on and how far plans were right before. What a page looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.facts import CENTRAL_ROLES
from workbench.cash.judging.headroom import draw_by, lines_to_draw, placeable_until, suppliers_to_pay
from workbench.cash.judging.risk import LowPoint, buffer_needed, days_of_cover, low_point, risk_by_day
from workbench.cash.judging.risk_drivers import variance_shares
from workbench.cash.plan.plan import CashPlan
from workbench.cash.plan.plan_layout import GROUPS, group_of
from workbench.cash.plan.plan_record import Record
from workbench.evidence import Floats

TERMS_DAYS = (7, 14, 28, 60, 91)  # calendar days for which cash is usually placed
WORST = 0.10  # the paths that are called bad: the tenth with the lowest balance
CONFIDENCE = 0.95
LARGEST_MARKS = 8  # known flows that are numbered on the fan


@dataclass(frozen=True)
class Beside:
    """Tables that a page shows beside a plan. Each may be empty: what is not there is said to be missing, never taken for zero.

    `lines` are those of `load_lines`; `position` is `day_date`, `value_centimes` of the office up to the date; `actual` is
    `daily_flows`; `known` is `known_flows`; `overdue` is `overdue_suppliers`, `credit` is `credit_room`; `log` holds rows of `forecasts`.
    """

    lines: pd.DataFrame
    position: pd.DataFrame
    actual: pd.DataFrame
    known: pd.DataFrame
    log: pd.DataFrame
    overdue: pd.DataFrame
    credit: pd.DataFrame
    accounts: pd.DataFrame  # account_number, account_label, floor_centimes, role_code
    scenarios: pd.DataFrame  # both tables of `compare`: balances by day, and a row a scenario
    scenario_sums: pd.DataFrame
    unclassified: pd.DataFrame = field(
        default_factory=pd.DataFrame
    )  # shapes of labels that no rule takes, with amounts
    sweeps: pd.DataFrame = field(default_factory=pd.DataFrame)  # accounts fed or emptied by habit (`sweeps`)
    scenario_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # fr and en by code
    scenario_sources: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # fr and en by source as in the steps
    record: Record | None = None
    logged_id: str | None = None  # the name under which the log holds this very plan; None: it does not
    scenario_steps: pd.DataFrame = field(
        default_factory=pd.DataFrame
    )  # what each step of each scenario did (`apply_scenario`), with `scenario_code`, `nature_code` and `source`


@dataclass(frozen=True)
class Outlook:
    """A plan over some weeks, with its risk; see the functions of `risk`, `risk_drivers` and `headroom`."""

    plan: CashPlan
    beside: Beside
    until: date  # last day of the weeks asked for
    confidence: float
    balances: Floats  # paths of the office's position over the weeks, in units of the currency
    by_day: pd.DataFrame
    low: LowPoint
    buffer_centimes: int | None  # what must be had besides; negative: to spare; None: no floor, or too few paths
    drivers: pd.DataFrame  # on `drivers_day`, when the low end of the 80 % band is lowest
    drivers_day: date
    overdue: pd.DataFrame
    credit: pd.DataFrame
    placeable: pd.DataFrame
    draw_before: date | None
    cover_days: int | None

    @cached_property
    def position(self) -> pd.DataFrame:
        """The position of the office at the end of every day of the plan, with its bands (`CashPlan.positions`)."""
        return self.plan.positions()

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Flows of every line on every bank day of the weeks asked for (`CashPlan.flows`)."""
        return self.plan.flows(by=("line_code",), period="day", until=self.until)

    @cached_property
    def by_line(self) -> pd.DataFrame:
        """A row a line over the weeks: sums of the parts, and `known_size`, `estimated_size`: sums of absolute amounts."""
        parts = [f"{part}_centimes" for part in ("known", "estimated", "override", "plan")]
        sizes = {f"{part}_size": self.daily[f"{part}_centimes"].abs() for part in ("known", "estimated")}
        return self.daily.assign(**sizes).groupby("line_code")[[*parts, *sizes]].sum()

    @property
    def days(self) -> pd.DatetimeIndex:
        """The bank days of the weeks asked for."""
        return self.plan.days[self.plan.days <= pd.Timestamp(self.until)]

    def names(self, lang: str) -> dict[str, dict[str, str]]:
        """Words of codes that are data: labels of lines and scenarios, by the column that holds the code."""
        lines = dict(zip(self.beside.lines["line_code"], self.beside.lines[f"label_{lang}"], strict=True))
        scenarios = {code: labels[lang] for code, labels in self.beside.scenario_labels.items()}
        sources = {source: said[lang] for source, said in self.beside.scenario_sources.items()}
        named = {
            "line_code": lines,
            "row_code": lines,
            "flow_name": lines,
            "scenario_code": scenarios,
            "source": sources,
        }
        return named | {"bank_code": self.bank_names}

    @property
    def bank_names(self) -> dict[str, str]:
        """Names of banks by code, where the register of accounts gives them."""
        accounts = self.beside.accounts
        if "bank_name" not in accounts:
            return {}
        told = accounts.dropna(subset=["bank_code", "bank_name"]).drop_duplicates("bank_code")
        return dict(zip(told["bank_code"].astype(str), told["bank_name"].astype(str), strict=True))

    @property
    def position_centimes(self) -> int:
        """The position in value on the date of the plan: that of accounts whose balance is known."""
        return int(self.plan.opening["value_centimes"].sum())


def outlook(plan: CashPlan, beside: Beside, weeks: int = 13, confidence: float = CONFIDENCE) -> Outlook:
    """A plan over `weeks` weeks, what it risks and what it allows; `confidence` is that of every promise."""
    until = min(plan.as_of + timedelta(weeks=weeks), plan.daily_until)
    inside = np.asarray(plan.days <= pd.Timestamp(until))
    # What is placed for all the weeks is back on a bank day after them: days on which it is still away are looked at too.
    further = int(np.asarray(plan.days <= pd.Timestamp(until) + pd.Timedelta(weeks=1)).sum())
    every = np.asarray(plan.balance_paths(), float)[:, :further]
    value = plan.positions()["value_centimes"].to_numpy()
    floor, days, balances, ends = plan.floor_centimes, plan.days[inside], every[:, inside[:further]], value[inside]
    further_days = risk_by_day(every, value[:further], plan.days[:further], floor, confidence)
    by_day = further_days.iloc[: len(days)]
    low = low_point(balances, ends, days)
    buffer = None if floor is None else buffer_needed(balances, floor, confidence)
    overdue = (
        suppliers_to_pay(beside.overdue, None if buffer is None else -buffer) if len(beside.overdue) else beside.overdue
    )
    paid = int(overdue["paid_centimes"].sum()) if len(overdue) else 0
    # The plan's own low point may be tomorrow, with nothing uncertain about it: what drives the risk is asked where it can go lowest.
    drivers_day = days[int(np.quantile(balances, 0.10, axis=0).argmin())].date() if len(days) else low.day
    return Outlook(
        plan=plan,
        beside=beside,
        until=until,
        confidence=confidence,
        balances=balances,
        by_day=by_day,
        low=low,
        buffer_centimes=buffer,
        drivers=_drivers(plan, drivers_day),
        drivers_day=drivers_day,
        overdue=overdue,
        credit=lines_to_draw(beside.credit, buffer, low.last_date) if len(beside.credit) else beside.credit,
        placeable=placeable_until(further_days, TERMS_DAYS, paid),
        draw_before=None if floor is None else draw_by(balances, days, floor, confidence),
        cover_days=_cover(plan, inside, floor),
    )


def _drivers(plan: CashPlan, day: date) -> pd.DataFrame:
    """Shares of the lines in the variance of the balance on a day."""
    through = np.asarray(plan.days <= pd.Timestamp(day))
    codes = sorted(plan.series["line_code"].unique())
    made: list[Floats] = []
    for code in codes:
        columns = np.flatnonzero(plan.series["line_code"].to_numpy() == code)
        made.append(plan.paths[:, through][:, :, columns].sum(axis=(1, 2), dtype=np.float64))
    return variance_shares(np.stack(made, axis=1), pd.DataFrame({"line_code": codes}), WORST)


def _cover(plan: CashPlan, inside: Any, floor: int | None) -> int | None:
    """Bank days paid by what there is, without one receipt, down to the floor where there is one."""
    codes = plan.series["line_code"].to_numpy()
    lines = [plan.plan[inside][:, codes == code].sum(axis=1) for code in sorted(set(codes))]
    return days_of_cover(int(plan.opening["value_centimes"].sum()), np.stack(lines, axis=1), floor or 0)


def group_sums(found: Outlook) -> dict[str, int]:
    """The plan of the weeks by group of lines (`GROUPS`), as the sums of the treasurer's layout: centimes."""
    groups, sums = group_of(found.beside.lines), dict.fromkeys(GROUPS, 0)
    for code, amount in found.by_line["plan_centimes"].items():
        sums[groups.get(str(code), "financing")] += int(amount)
    return sums


def known_marks(found: Outlook, most: int = LARGEST_MARKS) -> pd.DataFrame:
    """The largest flows known to come within the weeks, numbered by day: one a day, line and counterparty.

    `mark_number`, `day_date`, `line_code`, `flow_name`, `amount_centimes`. A flow is named by its counterparty where this is a client or a
    supplier; else by the code of its line: the bank of a placement or a loan does not say what the flow is.
    """
    known = within(found, found.beside.known, "flow_date") if len(found.beside.known) else found.beside.known
    if known.empty:
        return pd.DataFrame(columns=["mark_number", "day_date", "line_code", "flow_name", "amount_centimes"])
    lines = found.beside.lines
    is_bank = known["line_code"].isin(lines.loc[lines["kind"] == "financing", "line_code"])
    named = known.assign(flow_name=known["counterparty"].mask(is_bank).fillna(known["line_code"]))
    keys = ["flow_date", "line_code", "flow_name"]
    sums: pd.DataFrame = named.groupby(keys)["amount_centimes"].sum().reset_index()
    sums = sums.assign(size=sums["amount_centimes"].abs()).sort_values("size", ascending=False, kind="stable")
    ordered = sums.head(most).sort_values(["flow_date", "amount_centimes"], kind="stable", ignore_index=True)
    ordered.insert(0, "mark_number", range(1, len(ordered) + 1))
    return ordered.drop(columns="size").rename(columns={"flow_date": "day_date"})


def within(found: Outlook, table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows of a table whose day lies in the weeks asked for."""
    return table[table[column] <= pd.Timestamp(found.until)]


def low_accounts(found: Outlook) -> pd.DataFrame:
    """Accounts that the plan takes below their own floor within the weeks: the lowest balance and its day, what needs a person first, then soonest.

    `feeding_code` says who feeds them: `sweep` (own transfers do by habit, or empty the account, which has no overdraft to come) or
    `person`. A central account is fed by nobody: what it lacks the office lacks.
    """
    floors = found.beside.accounts.dropna(subset="floor_centimes")
    ends = found.plan.positions(by=("account_number",), until=found.until).merge(floors, on="account_number")
    below = ends[ends["value_centimes"] < ends["floor_centimes"]]
    ordered = below.sort_values(["value_centimes", "day_date"], kind="stable")
    lowest = ordered.drop_duplicates("account_number")
    columns = ["account_label", "account_number", "floor_centimes", "value_centimes", "day_date"]
    first = below.groupby("account_number")["day_date"].min().rename("since_date")
    made = lowest[columns].merge(first.reset_index(), on="account_number")
    made["feeding_code"] = np.where(_is_swept(found, made), "sweep", "person")
    made = made.sort_values(["feeding_code", "since_date", "value_centimes"], kind="stable")
    return made.reset_index(drop=True)


def _is_swept(found: Outlook, low: pd.DataFrame) -> pd.Series:
    habits = found.beside.sweeps
    if not len(habits):
        return pd.Series(False, index=low.index)
    accounts = found.beside.accounts.set_index("account_number")
    is_central = low["account_number"].map(accounts["role_code"].isin(CENTRAL_ROLES))
    way = low["account_number"].map(habits.set_index("account_number")["sweep_code"])
    return ~is_central & ((way == "fed") | ((way == "emptied") & (low["value_centimes"] >= 0)))
