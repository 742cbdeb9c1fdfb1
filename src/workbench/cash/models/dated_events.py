"""Dated events of a flow, from an editable table: a break, a new tariff, a suspension, a day that is no example.

They mend the history before a model learns from it. An event holds only for who could know it: at a past origin, those that had
begun by then. What an event to come will do is not known, so it changes nothing: it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.cash.models.panel import Days, Note, Panel
from workbench.errors import SchemaError
from workbench.evidence import Floats
from workbench.standards import reference_folder, rows_of_file

Kind = Literal["break", "tariff", "suspension", "outlier"]
KINDS = ("break", "tariff", "suspension", "outlier")
STATUSES = ("official", "illustrative")
_COLUMNS = ["line_code", "account_number", "kind", "start_date", "end_date", "status", "label_fr", "label_en", "source"]
_YEAR = 250  # bank days of a year
_LEARN = 0.08  # of a year after a break, under which its level is not known: 20 bank days


@dataclass(frozen=True)
class DatedEvent:
    """What happened to a line (`all`: every line), of one account or of all (empty), from `start` to `end` (None: since)."""

    line_code: str
    account_number: str
    kind: Kind
    start: date
    end: date | None
    status: str
    label_fr: str
    label_en: str
    source: str

    def concerns(self, name: str) -> bool:
        """Whether a series is concerned, by its name: a line, or `account|line`."""
        account, _, line = name.rpartition("|")
        return self.line_code in ("all", line) and self.account_number in ("", account)


def load_events(path: Path | None = None) -> tuple[DatedEvent, ...]:
    """The events of a CSV, by default `cash_events.csv` of the reference folder, in order of their start.

    Raises `SchemaError` (file:line) where a row does not hold: date, kind, status, a span that ends before it starts, no line or source.
    """
    path = path or reference_folder() / "cash_events.csv"
    found = [_event(row, where) for where, row in rows_of_file(path, _COLUMNS)]
    return tuple(sorted(found, key=lambda each: (each.start, each.line_code, each.account_number, each.kind)))


def _event(row: dict[str, str], where: str) -> DatedEvent:
    start, end = _day(row["start_date"], where), _day(row["end_date"], where) if row["end_date"] else None
    if end and end < start:
        raise SchemaError(f"the event ends on {end}, before it starts", where, "correct its dates")
    if row["kind"] not in KINDS:
        raise SchemaError(f"« {row['kind']} » is no kind of event", where, "one of: " + ", ".join(KINDS))
    if row["status"] not in STATUSES or not row["line_code"] or not row["source"]:
        raise SchemaError("line, status or source does not hold", where, "status: " + ", ".join(STATUSES))
    labels = (row["status"], row["label_fr"], row["label_en"], row["source"])
    return DatedEvent(row["line_code"], row["account_number"], row["kind"], start, end, *labels)  # type: ignore[arg-type]


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SchemaError(f"« {text} » is no date", where, "write 2026-03-23") from None


def mended(panel: Panel, events: Sequence[DatedEvent], year: int = _YEAR) -> tuple[Panel, list[Note]]:
    """The panel as a model may learn from it, and what was done.

    `outlier`: its days are left out (missing). `suspension` that has ended: so are its days. `break`, `tariff`, and a suspension that still
    holds: with a year (`year` rows) of history since, a break leaves out what came before it; else what came before is brought to the
    level since then (mean a known day since ÷ mean before, over as many days on both sides, a year at most); under a twelfth
    of a year since (20 bank days), nothing is changed. Notes: `outlier_left_out`, `suspension_left_out`, `before_break_left_out`, `level_brought` (amount: the factor),
    `too_recent`, `to_come`.
    """
    values, notes = panel.values.copy(), []
    for event in sorted(events, key=lambda each: each.start):
        for j, name in enumerate(panel.names):
            if event.concerns(name) and len(panel.days):
                code, factor = _mend(values[:, j], panel.days, event, year)
                if code:
                    start = np.datetime64(event.start, "D")
                    end = np.datetime64(event.end or event.start, "D")
                    notes.append(Note(name, code, start, end, int((end - start).astype(int)) + 1, factor))
    return replace(panel, values=values), notes


def days_not_comparable(event: DatedEvent, days: Days, row: int, year: int = _YEAR) -> npt.NDArray[np.bool_]:
    """Which days (T,) of a test that begins at a row say nothing of a forecast made today, by an event of the series.

    The days of an outlier and of a suspension that has ended; and those since a break, where it is learnt today and could not be at the
    origin (under a twelfth of a year of days since).
    """
    start, end = np.datetime64(event.start, "D"), np.datetime64(event.end or event.start, "D")
    since = days >= start
    if event.kind == "outlier" or (event.kind == "suspension" and event.end is not None):
        return since & (days <= end)
    needed = _LEARN * year
    enough = needed if since.sum() >= needed else 1
    return since if since[:row].sum() < enough else np.zeros_like(since)


def _mend(series: Floats, days: Days, event: DatedEvent, year: int) -> tuple[str, float]:
    """Mend a series in place; what was done ("" for nothing), and the factor of a level."""
    start = np.datetime64(event.start, "D")
    if start > days[-1]:
        return "to_come", float("nan")
    is_over = event.end is not None and np.datetime64(event.end, "D") < days[-1]
    if event.kind == "outlier" or (event.kind == "suspension" and is_over):
        end = np.datetime64(event.end or event.start, "D")
        inside = (days >= start) & (days <= end)
        known = (~np.isnan(series[inside])).any()
        series[inside] = np.nan
        return (f"{event.kind}_left_out" if known else ""), float("nan")
    return _new_level(series, days >= start, event.kind == "break", year)


def _new_level(series: Floats, since: npt.NDArray[np.bool_], is_break: bool, year: int) -> tuple[str, float]:
    known = ~np.isnan(series)
    before, after = np.flatnonzero(known & ~since), np.flatnonzero(known & since)
    if not len(before):
        return "", float("nan")
    if is_break and len(after) >= year:
        series[before] = np.nan
        return "before_break_left_out", float("nan")
    if len(after) < _LEARN * year:
        return "too_recent", float("nan")
    span = min(len(before), len(after), year)
    level = float(series[before[-span:]].mean())
    if level == 0:
        return "", float("nan")
    factor = float(series[after[:span]].mean()) / level
    series[before] *= factor
    return "level_brought", factor
