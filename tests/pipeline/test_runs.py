from datetime import date
from pathlib import Path

import pytest

from tests.reporting import notebooks
from tests.store.rows import disputes
from workbench import store
from workbench.errors import RunError, Unanswerable, WrongUse
from workbench.pipeline import runs
from workbench.pipeline.project import Project, find_project, instant_or_import

PACKS = """[both]
label_fr = "b"
label_en = "b"
period = "month"
reports = ["tests/bad", "tests/ok"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    notebooks.project(tmp_path, ok=notebooks.ANSWER, bad="1 / 0")
    store.create_office(tmp_path / "office")
    (tmp_path / "workbench.toml").write_text("office = 'office'\n[runs]\ndeadline_seconds = 60\n", encoding="utf-8")
    (tmp_path / "notebooks" / "packs.toml").write_text(PACKS, encoding="utf-8")
    monkeypatch.setattr(runs, "export", notebooks.export)
    monkeypatch.delenv("WORKBENCH_OFFICE", raising=False)
    return Project(tmp_path)


def test_a_pack_goes_on_after_a_failure_names_it_and_builds_the_index(project: Project) -> None:
    told: list[str] = []
    office = project.office()
    given = {"as_of": "2024-12-31", "directorate": "007"}
    with pytest.raises(RunError, match="tests/bad"):
        runs.run_pack(office, "both", given, project, progress=lambda *step: told.append(step[2]))
    assert told == ["tests/bad", "tests/ok"]
    assert "'007'" in (project.reports / "index.html").read_text(encoding="utf-8").replace("&#39;", "'")
    assert runs.run_report(office, "tests/ok", given, project).status == "unchanged"


def test_wrong_use_of_a_pack_runs_nothing(project: Project) -> None:
    with pytest.raises(WrongUse, match="nope"):
        runs.run_pack(project.office(), "both", {"nope": "1"}, project)
    with pytest.raises(WrongUse, match="not a date"):
        runs.run_pack(project.office(), "both", {"as_of": "hier"}, project)
    assert not project.reports.exists()


def test_without_statements_there_is_no_date_to_report_at(project: Project) -> None:
    with pytest.raises(Unanswerable, match="no statement"):
        runs.run_report(project.office(), "tests/ok", {}, project)


@pytest.mark.parametrize(
    ("newest", "period", "as_of"),
    [
        (date(2024, 12, 30), "day", "2024-12-30"),
        (date(2024, 12, 30), "month", "2024-11-30"),
        (date(2024, 12, 31), "month", "2024-12-31"),
        (date(2024, 2, 29), "month", "2024-02-29"),
        (date(2024, 1, 1), "month", "2023-12-31"),
    ],
)
def test_the_date_of_a_pack_is_the_last_it_covers(newest: date, period: str, as_of: str) -> None:
    assert runs.default_as_of(newest, period) == as_of


def test_settings_are_found_from_below_and_refused_when_unknown(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_PROJECT", raising=False)
    monkeypatch.chdir(project.root / "notebooks")
    assert find_project().root == project.root
    assert find_project().limits.deadline_seconds == 60
    (project.root / "workbench.toml").write_text("ofice = 'x'\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="ofice"):
        find_project()


def test_known_on_names_an_import_or_an_instant() -> None:
    assert instant_or_import("imp-00003") == "imp-00003"
    assert str(instant_or_import("2024-12-31T18:00")) == "2024-12-31 18:00:00+00:00"
    with pytest.raises(WrongUse):
        instant_or_import("hier")


def test_a_plan_logged_makes_again_only_the_reports_that_read_the_log(project: Project, tmp_path: Path) -> None:
    reads = f"table = 'forecasts'\n{notebooks.ANSWER}"
    notebooks.write_notebook(tmp_path / "notebooks" / "tests" / "log.ipynb", reads)
    office, given = project.office(), {"as_of": "2024-12-31"}
    for report in ("tests/ok", "tests/log"):
        assert runs.run_report(office, report, given, project).status == "published"
    with store.writer(office, kind="forecast", actor="test") as writer:
        writer.replace("disputes", disputes("D1"))  # any table will do
    assert runs.run_report(office, "tests/ok", given, project).status == "unchanged"
    assert runs.run_report(office, "tests/log", given, project).status == "published"
    own = office / "scenarios" / "mine.toml"
    own.parent.mkdir()
    for text in (
        "label_fr = 'Un'",
        "label_fr = 'Deux'",
        None,
    ):  # added, changed, taken away: the page of the plan shows them
        own.write_text(text, encoding="utf-8") if text else own.unlink()
        assert runs.run_report(office, "tests/log", given, project).status == "published"
        assert runs.run_report(office, "tests/log", given, project).status == "unchanged"
    assert runs.run_report(office, "tests/ok", given, project).status == "unchanged"
