"""Running reports on an office: the store says what is read (pinned), the runner makes the page, the index is rebuilt."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from workbench import store
from workbench.errors import PackError, Unanswerable, WorkbenchError, WrongUse
from workbench.pipeline.project import OWN, Project, instant_or_import
from workbench.reporting.export import export
from workbench.reporting.packs import pack_named
from workbench.reporting.parameters import read_parameters, validated
from workbench.reporting.runner import Pin, RunResult, notebook_of, run

Told = Callable[[int, int, str], None]
LOG_TABLE = "forecasts"


def pin_of(office: Path, known_on: str | None = None, reads_log: bool = True) -> Pin:
    """What a run reads: the newest import, or the newest one at `known_on`.

    A report that reads no log of plans rests on the newest commit that is none: a plan logged since then does not make it again.
    """
    opened, newest = store.open_office(office, instant_or_import(known_on)), store.open_office(office)
    if not reads_log:
        opened, newest = opened.before_forecasts(), newest.before_forecasts()
    is_past = known_on is not None and opened.import_id != newest.import_id
    # What shows the log shows the plan, and scenarios of one's own beside it.
    files = tuple((office / OWN).glob("*.toml")) if reads_log else ()
    return Pin(office, str(opened.import_id), dict(opened.versions), is_past, files)


def reads_log(notebook: Path) -> bool:
    """Whether a notebook reads the log of plans: its code names the table `forecasts`."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return any(LOG_TABLE in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def newest_day(office: Path, known_on: str | None = None, until: date | None = None) -> date:
    """The last day that a booked statement closes (by `until`, where given). Raises `Unanswerable` where there is none."""
    opened = store.open_office(office, instant_or_import(known_on))
    return newest_by(opened, until, str(office))


def newest_by(office: Any, until: date | None = None, where: str = "") -> date:
    """The last day that a booked statement of an opened office closes, as `newest_day`."""
    days = office["statement_days"].filter("not is_superseded")
    if until is not None:
        days = days.filter(f"day_date <= DATE '{until.isoformat()}'")
    found = days.aggregate("max(day_date)").fetchall()[0][0]
    if found is None:
        raise Unanswerable("no statement has been booked", where, "import statements, or give -p as_of=YYYY-MM-DD")
    return date.fromisoformat(str(found)[:10])


def default_as_of(newest: date, period: str) -> str:
    """The date a pack reports at: the newest day (daily), or the last month end that it covers (monthly)."""
    if period == "day":
        return newest.isoformat()
    is_month_end = (newest + timedelta(days=1)).day == 1
    return (newest if is_month_end else newest.replace(day=1) - timedelta(days=1)).isoformat()


def run_report(
    office: Path,
    report: str,
    given: Mapping[str, Any],
    project: Project,
    reports: Path | None = None,
    period: str = "month",
    known_on: str | None = None,
    force: bool = False,
) -> RunResult:
    """Make one report of an office. Without `as_of`, a report that has one is made at the last covered month end (or day)."""
    notebook = notebook_of(report, project.root)
    declared = read_parameters(notebook)
    validated(declared, given, report)  # wrong use is told before the store is opened
    values = dict(given)
    if "as_of" in declared and "as_of" not in values:
        values["as_of"] = default_as_of(newest_day(office, known_on), period)
    pin = pin_of(office, known_on, reads_log(notebook))
    folder = project.reports if reports is None else reports
    return run(report, values, pin, project.root, folder, export, project.limits, period, force)


def run_pack(
    office: Path,
    name: str,
    given: Mapping[str, Any],
    project: Project,
    reports: Path | None = None,
    known_on: str | None = None,
    force: bool = False,
    progress: Told | None = None,
) -> list[RunResult]:
    """Make the reports of a pack, each with those of the given parameters that it declares, then the index.

    A report that fails does not stop the others; `PackError` then names them all. A parameter no report knows is `WrongUse`.
    """
    pack = pack_named(name, project.root)
    declared = {report: read_parameters(notebook_of(report, project.root)) for report in pack.reports}
    if unknown := sorted(set(given) - {name for names in declared.values() for name in names}):
        raise WrongUse(f"unknown parameter {unknown[0]!r}", where=f"pack {name}")
    own = {report: {k: v for k, v in given.items() if k in declared[report]} for report in pack.reports}
    for report in pack.reports:
        validated(declared[report], own[report], report)
    done: list[RunResult] = []
    failed: dict[str, WorkbenchError] = {}
    for number, report in enumerate(pack.reports):
        if progress:
            progress(number, len(pack.reports), report)
        try:
            done.append(run_report(office, report, own[report], project, reports, pack.period, known_on, force))
        except WorkbenchError as error:
            failed[report] = error
    index(project.reports if reports is None else reports, str(given.get("lang", "fr")))
    if failed:
        raise PackError(name, failed, remedy=f"{len(done)} of {len(pack.reports)} made")
    return done


def index(reports: Path, lang: str = "fr") -> Path:
    """Rebuild the index of the published reports; the path of it."""
    from workbench.reporting.portal import build_index  # loaded by the runner while the notebook ran

    return build_index(reports, lang)
