import json
from pathlib import Path
from typing import Any

import pytest

from tests.reporting import notebooks
from workbench.errors import RunError, WrongUse
from workbench.reporting import runner
from workbench.reporting.runner import Pin, RunResult

WORKBOOK = (
    "import os, pathlib\nfrom IPython.display import HTML\n"
    "pathlib.Path(os.environ['WORKBENCH_OUTPUT'], 'unpaid.xlsx').write_bytes(b'x')\n"
    "HTML(f\"<p class='verdict' data-status='ok'>{directorate} {os.environ['WORKBENCH_IMPORT']} {as_of}</p>\")"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return notebooks.project(
        tmp_path_factory.mktemp("projet é 100 %#"), ok=WORKBOOK, bad="1 / 0", out="print('x' * 500_000)"
    )


def _run(project: Path, report: str = "tests/ok", versions: int = 1, **options: Any) -> RunResult:
    given = options.pop("given", {"directorate": "007"})
    pin = Pin(project / "office", "i1", {"invoices": versions})
    return runner.run(report, given, pin, project, project / "reports", notebooks.export, **options)


def test_a_report_is_published_once_and_redone_when_its_inputs_change(project: Path) -> None:
    first = _run(project)
    page = first.page.read_bytes()
    assert first.status == "published"
    assert b"007 i1 2024-12-31" in page
    assert first.folder == project / "reports" / "2024-12" / "tests" / "ok.directorate-007"
    assert sorted(p.name for p in first.folder.iterdir()) == ["manifest.json", "ok.html", "run.json", "unpaid.xlsx"]
    manifest = json.loads((first.folder / "manifest.json").read_text())
    assert (manifest["verdict"], manifest["status"], manifest["as_of"]) == ("007 i1 2024-12-31", "ok", "2024-12-31")
    assert _run(project).status == "unchanged"
    again = _run(project, force=True)
    assert again.status == "published"
    assert again.page.read_bytes() == page
    assert (first.folder / "manifest.json").read_text() == json.dumps(
        manifest, ensure_ascii=False, indent=1, sort_keys=True
    ) + "\n"
    assert runner.inputs_of(
        project / "notebooks/tests/ok.ipynb", {}, Pin(project, "i1", {"invoices": 2}), project
    ) != runner.inputs_of(project / "notebooks/tests/ok.ipynb", {}, Pin(project, "i1", {"invoices": 1}), project)


def test_a_reference_file_in_a_folder_of_its_own_is_an_input_too(project: Path) -> None:
    scenarios = project / "data" / "reference" / "scenarios"
    scenarios.mkdir()
    seen = set()
    for text in ("days = 60", "days = 90"):
        (scenarios / "late.toml").write_text(text, encoding="utf-8")
        inputs = runner.inputs_of(project / "notebooks/tests/ok.ipynb", {}, Pin(project, "i1", {}), project)
        seen.add(str(inputs["reference"]))
    assert len(seen) == 2


def test_a_notebook_that_fails_says_where_and_leaves_the_last_report(project: Path) -> None:
    folder = project / "reports" / "2024-12" / "tests" / "bad"
    folder.mkdir(parents=True)
    (folder / "bad.html").write_text("last good")
    with pytest.raises(RunError, match=r"bad, cell \d+: ZeroDivisionError"):
        _run(project, "tests/bad", given={})
    assert (folder / "bad.html").read_text() == "last good"


@pytest.mark.parametrize(
    ("report", "given"),
    [("tests/none", {}), ("../tests/ok", {}), ("tests/ok", {"nope": "1"}), ("tests/ok", {"as_of": "hier"})],
)
def test_wrong_use_never_starts_a_kernel(
    project: Path, monkeypatch: pytest.MonkeyPatch, report: str, given: Any
) -> None:
    monkeypatch.setattr(runner.subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    with pytest.raises(WrongUse):
        _run(project, report, given=given)


def test_the_folder_is_named_by_period_and_by_what_differs(project: Path) -> None:
    declared = runner.parameters.read_parameters(project / "notebooks/tests/ok.ipynb")
    values = runner.parameters.validated(declared, {"directorate": "../é", "lang": "en"})
    folder = runner.folder_of("tests/ok", values, declared, Path("r"), "day")
    assert folder.parts[:3] == ("r", "2024-12-31", "tests")
    assert folder.name.startswith("ok.directorate-____-")
    assert folder.name.endswith(".lang-en")
    assert runner.folder_of("tests/ok", {}, {}, Path("r"), "month") == Path("r/undated/tests/ok")


@pytest.mark.parametrize(
    ("as_of", "period", "known_on", "folder"),
    [
        ("2024-02-29", "month", "", "2024-02/tests/ok"),
        ("2024-02-28", "month", "", "2024-02-28/tests/ok"),  # another day of the month takes nobody's place
        ("2024-02-29", "day", "", "2024-02-29/tests/ok"),
        ("2024-02-29", "month", "imp-00001", "2024-02/tests/ok.known-imp-00001"),
    ],
)
def test_no_report_takes_the_place_of_another_day_or_import(
    as_of: str, period: str, known_on: str, folder: str
) -> None:
    assert runner.folder_of("tests/ok", {"as_of": as_of}, {}, Path("r"), period, known_on) == Path("r") / folder


def test_a_disk_full_at_publish_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, "_made", lambda *_: ({}, {}))
    monkeypatch.setattr(runner.delivery, "publish", full)
    with pytest.raises(RunError, match="No space"):
        _run(project, force=True)


def test_reports_are_the_notebooks_that_are_not_for_hands(project: Path) -> None:
    notebooks.write_notebook(project / "notebooks" / "explore" / "hand.ipynb")
    assert runner.reports_in(project) == ["tests/bad", "tests/ok", "tests/out"]
