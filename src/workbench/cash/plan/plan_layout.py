"""The cash plan as treasurers lay it: lines × periods, from an opening to a closing, with actual, plan and gap of past periods.

A layout has a row a line, `row_code` and `is_level`, and a column a period and part named `week|2024-10-07|plan`. Its levels are sums of
what is above them: opening, receipts, payments, financing, closing. In every column opening + lines = closing, to the centime.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.errors import WrongUse

GROUPS = ("receipts", "payments", "financing")
LAST_BANK_DAY = 4  # of a week that begins on Monday: what follows is closed
UNEXPLAINED = "unexplained"  # the balance moved without a line: a statement is missing, an account entered


@dataclass(frozen=True)
class Column:
    """One column: flows by line (centimes), and the balance before them. `unexplained` is what moved the balance without a line."""

    period_code: str
    target_date: pd.Timestamp
    part_code: str
    flows: Mapping[str, int]
    opening_centimes: int
    unexplained_centimes: int = 0

    @property
    def name(self) -> str:
        """`week|2024-10-07|plan`."""
        return f"{self.period_code}|{self.target_date:%Y-%m-%d}|{self.part_code}"

    @property
    def closing_centimes(self) -> int:
        """Opening and all flows."""
        return self.opening_centimes + sum(self.flows.values()) + self.unexplained_centimes

    def less(self, planned: "Column") -> "Column":
        """This column less what was planned, as a column of gaps. The plan of the period starts from the same opening."""
        codes = dict.fromkeys([*self.flows, *planned.flows])
        gaps = {code: self.flows.get(code, 0) - planned.flows.get(code, 0) for code in codes}
        opening = self.opening_centimes - planned.opening_centimes
        unexplained = self.unexplained_centimes - planned.unexplained_centimes
        return Column(self.period_code, self.target_date, "gap", gaps, opening, unexplained)


def group_of(lines: pd.DataFrame) -> dict[str, str]:
    """The group of each line: operating lines by their direction; what finances, goes both ways or has no line, apart."""
    named = {("in", "operating"): "receipts", ("out", "operating"): "payments"}
    codes = zip(lines["line_code"], lines["direction"], lines["kind"], strict=True)
    return {code: named.get((direction, kind), "financing") for code, direction, kind in codes}


def treasurer_layout(columns: Sequence[Column], lines: pd.DataFrame) -> pd.DataFrame:
    """Columns side by side, a row a line in the order of `lines` (`line_code`, `direction`, `kind`), a level a sum.

    A line that no column has is left out; one that `lines` does not know stands last, with what finances. Raises `WrongUse`
    where two columns have one name.
    """
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise WrongUse("two columns of a layout have one name", where=max(names, key=names.count))
    groups, used = group_of(lines), {code for column in columns for code in column.flows}
    order = [*(code for code in lines["line_code"] if code in used), *sorted(used - set(groups))]
    rows: list[tuple[str, bool, list[int | None]]] = [_level("opening", [c.opening_centimes for c in columns])]
    for group in GROUPS:
        codes = [code for code in order if groups.get(code, "financing") == group]
        rows += [(code, False, [column.flows.get(code) for column in columns]) for code in codes]
        if codes:
            rows.append(_level(f"{group}_sum", [sum(c.flows.get(code, 0) for code in codes) for c in columns]))
    if any(column.unexplained_centimes for column in columns):
        rows.append((UNEXPLAINED, False, [column.unexplained_centimes for column in columns]))
    rows.append(_level("closing", [column.closing_centimes for column in columns]))
    table = pd.DataFrame({"row_code": [code for code, _, _ in rows], "is_level": [level for _, level, _ in rows]})
    amounts = pd.DataFrame([values for _, _, values in rows], columns=names).astype("Int64")
    return pd.concat([table, amounts], axis=1)


def _level(code: str, values: list[int]) -> tuple[str, bool, list[int | None]]:
    return code, True, list(values)


def chained(flows: pd.DataFrame, opening_centimes: int, period_code: str, part_code: str = "plan") -> list[Column]:
    """Periods one after another, each opening on the closing before: `flows` has `line_code`, `target_date`, `amount_centimes`."""
    made: list[Column] = []
    sums = flows.groupby(["target_date", "line_code"], sort=True)["amount_centimes"].sum()
    for day in sorted(flows["target_date"].unique()):
        opening = made[-1].closing_centimes if made else opening_centimes
        by_line = {str(code): int(amount) for code, amount in sums.loc[day].items()}
        made.append(Column(period_code, pd.Timestamp(day), part_code, by_line, opening))
    return made


def total_of(columns: Sequence[Column]) -> Column:
    """All periods as one column: from the first opening to the last closing."""
    flows: dict[str, int] = {}
    for column in columns:
        for code, amount in column.flows.items():
            flows[code] = flows.get(code, 0) + amount
    first, unexplained = columns[0], sum(column.unexplained_centimes for column in columns)
    return Column("total", first.target_date, first.part_code, flows, first.opening_centimes, unexplained)


def actual_weeks(flows: pd.DataFrame, positions: pd.DataFrame, as_of: pd.Timestamp, count: int) -> list[Column]:
    """The last whole weeks before `as_of` and the days since, as they were.

    Parameters
    ----------
    flows
        `line_code`, `flow_date`, `amount_centimes`: what came on the accounts, in value.
    positions
        `day_date`, `value_centimes`: position of the office at the end of each day. What moves it without a line is `unexplained`.
        A week whose opening or closing is not known is left out.
    """
    closing = positions.dropna(subset="value_centimes").set_index("day_date")["value_centimes"]
    monday = as_of - pd.Timedelta(days=as_of.weekday())
    starts = [monday - pd.Timedelta(weeks=back) for back in range(count, -1, -1)]
    made = []
    for start in starts:
        end = min(start + pd.Timedelta(days=6), as_of)
        eve = start - pd.Timedelta(days=1)
        if eve not in closing.index or end not in closing.index:
            continue
        inside = flows[(flows["flow_date"] >= start) & (flows["flow_date"] <= end)]
        sums = {str(code): int(amount) for code, amount in inside.groupby("line_code")["amount_centimes"].sum().items()}
        opening = int(closing[eve])
        moved = int(closing[end]) - opening - sum(sums.values())
        made.append(Column("week", start, "actual", sums, opening, moved))
    return made


def with_plans(actual: Sequence[Column], log: pd.DataFrame, as_of: pd.Timestamp) -> list[Column]:
    """Each past week with the plan made last before it, and their gap, where a plan was logged. A week that is not over has none.

    `log`: rows of `forecasts` by week and line (`line_code`, `origin_date`, `period_code`, `target_date`, `plan_centimes`), no total.
    """
    weeks = log[(log["period_code"] == "week") & (log["line_code"] != "all")]
    made: list[Column] = []
    for column in actual:
        made.append(column)
        before = weeks[(weeks["target_date"] == column.target_date) & (weeks["origin_date"] < column.target_date)]
        if before.empty or column.target_date + pd.Timedelta(days=LAST_BANK_DAY) > as_of:
            continue
        last = before[before["origin_date"] == before["origin_date"].max()]
        sums = {str(code): int(amount) for code, amount in last.groupby("line_code")["plan_centimes"].sum().items()}
        planned = Column("week", column.target_date, "plan", sums, column.opening_centimes)
        made += [planned, column.less(planned)]
    return made
