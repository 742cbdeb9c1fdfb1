import json
import re
import shlex
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from workbench import cli, store
from workbench.demo import make_office
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import import_files
from workbench.schemas.checking import Problem

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bureau é 100 %#"
    store.create_office(folder)
    monkeypatch.setenv("WORKBENCH_OFFICE", str(folder))
    monkeypatch.setenv("WORKBENCH_PROJECT", str(PROJECT))
    return folder


def _call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    before = sys.argv
    sys.argv = ["workbench", *arguments]
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        sys.argv = before
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def _pretend(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    module = types.ModuleType(name)
    for key, value in members.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


class _Report:
    import_id, exit_code, refused_count = "imp-00001", 3, 1

    def __init__(self) -> None:
        self.row_counts = {"bank_transactions": 2}
        self.statements = [{"file": "a.txt", "status": "booked"}, {"file": "b.txt", "status": "refused"}]
        self.problems = [Problem("file_unreadable", "refused", {"reason": "\x1b[2Jtronqué"}, "b.txt", 3)]

    def as_json(self) -> dict[str, Any]:
        return {"statements": self.statements, "problems": []}


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Calls that `import` made to the pipeline; what the pipeline does is its own tests' business."""
    calls: list[Any] = []

    def import_files(*arguments: Any, **options: Any) -> _Report:
        calls.append(arguments)
        options["progress"](0, 1, "a.txt")
        return _Report()

    _pretend(monkeypatch, "workbench.intake.profiles", load_profiles=lambda folder: {"from": folder})
    _pretend(monkeypatch, "workbench.pipeline.importing", import_files=import_files)
    return calls


@pytest.mark.usefixtures("office")
def test_every_command_has_examples_and_the_exit_codes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _call(capsys, "--help")
    assert code == 0
    assert "0 done, 1 failed, 2 wrong use, 3 done with refusals" in " ".join(out.split())
    names = [
        "demo",
        "import",
        "check",
        "tables",
        "query",
        "history",
        "verify",
        "compact",
        "vacuum",
        "labels",
        "plan",
        "scenario",
        "run",
        "list",
        "params",
    ]
    for name in [*names, "glossary", "doctor"]:
        assert name in out
        code, text, _ = _call(capsys, name, "--help")
        assert code == 0
        assert f"Example: workbench {name}" in " ".join(text.split())


def test_the_store_is_read_by_table_query_and_history(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _call(capsys, "tables", "--json")
    assert code == 0
    assert {"table": "invoices", "version": 0, "rows": 0} in json.loads(out)
    code, out, _ = _call(capsys, "query", "SELECT 9007199254740993 AS n, '007' AS code", "--json")
    assert json.loads(out) == [{"n": 9007199254740993, "code": "007"}]
    assert "007" in _call(capsys, "query", "SELECT '007' AS code")[1]
    assert json.loads(_call(capsys, "history", "--json")[1])[0]["import_id"] == "imp-00000"
    assert _call(capsys, "tables", "--known-on", "imp-00000")[0] == 0
    assert _call(capsys, "verify", "--lang", "en")[1] == "The store is sound.\n"
    assert json.loads(_call(capsys, "compact", "--json")[1]) == {"files_saved": {}}
    assert _call(capsys, "compact", "--lang", "en")[1] == "Tables compacted: 0 file(s) fewer.\n"


def test_vacuum_deletes_what_no_import_names(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orphan = office / "store" / "disputes" / "part-of-a-killed-import.parquet"
    orphan.write_bytes(b"x" * 3000)
    assert json.loads(_call(capsys, "vacuum", "--json")[1]) == {"bytes_freed": {"disputes": 3000}}
    assert not orphan.exists()
    orphan.write_bytes(b"x" * 3000)
    assert (
        _call(capsys, "vacuum", "--lang", "en")[1]
        == "Files of no use deleted: 3 kB. Every past state stays readable.\n"
    )


@pytest.mark.parametrize(
    "select",
    [
        "DROP TABLE invoices",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO '{}/x'",
        "SELECT * FROM '/etc/passwd'",
        "nonsense",
    ],
)
def test_a_query_that_writes_or_reads_elsewhere_is_wrong_use(
    office: Path, capsys: pytest.CaptureFixture[str], select: str
) -> None:
    code, out, err = _call(capsys, "query", select.format(office))
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert not (office / "x").exists()


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["tables", "--known-on", "yesterday"], 2, "ni un import ni un instant"),
        (["tables", "--known-on", "2001-01-01"], 2, "rien n’était connu"),
        (["tables", "--office", "/nonexistent/office"], 1, "pas de base ici"),
        (["run"], 2, "l’un des deux"),
        (["run", "a", "--pack", "b"], 2, "l’un des deux"),
        (["run", "--pack", "hourly"], 2, "pas de lot"),
        (["run", "../../x"], 2, "pas le nom d’un rapport"),
        (["run", "none/such"], 2, "pas de rapport"),
        (["run", "none/such", "-p", "as_of"], 2, "NOM=VALEUR"),
        (["run", "none/such", "-p", "a=1", "-p", "a=2"], 2, "deux fois"),
        (["params", "none/such"], 2, "pas de rapport"),
        (["import", "/nonexistent/file"], 2, "n’existe pas"),
        (["import"], 2, "aucun fichier"),
        (["import", "--replace", " "], 2, "motif"),
        (["demo", "--customers", "0"], 2, "customers"),
        (["nonsense"], 2, "nonsense"),
        (["doctor", "--lang", "ar"], 2, "ni fr ni en"),
        (["labels"], 1, "aucun relevé"),
        (["labels", "--as-of", "31/12/2024"], 2, "n’est pas une date"),
        (["plan", "--as-of", "hier"], 2, "n’est pas une date"),
        (["scenario", "/nonexistent/scenario.toml"], 2, "n’existe pas"),
        (["scenario", "data/reference/bank_days.csv"], 2, "pas du TOML"),
        (["scenario", "data/reference/scenarios/heat.toml", "--as-of", "hier"], 2, "n’est pas une date"),
        (["labels", "--out", "a.csv", "--accept", "b.csv"], 2, "l’un des deux"),
        (["labels", "--accept", "/nonexistent/file"], 2, "n’existe pas"),
        (["labels", "--as-of", "2024-12-31", "--rules", "/nonexistent/rules.csv"], 1, "/nonexistent/rules.csv"),
    ],
)
def test_refusals_are_one_message_and_a_code(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    got, out, err = _call(capsys, *arguments)
    assert got == code, err
    assert out == ""
    assert told in " ".join(err.split())
    assert "Traceback" not in err


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("asked", [["--lang", "en"], ["--lang=en"]])
def test_a_refusal_speaks_the_language_that_is_asked_for(capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    code, out, err = _call(capsys, "tables", "--known-on", "2001-01-01", *asked)
    assert (code, out) == (2, "")
    assert "nothing was known on 2001-01-01" in err


def test_import_takes_the_inbox_and_ends_with_3_on_refusals(
    office: Path, imports: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (office / "inbox" / "sub").mkdir()
    (office / "inbox" / "sub" / "a.txt").write_text("x")
    (office / "inbox" / ".hidden").write_text("x")
    code, out, err = _call(capsys, "import", "--lang", "en", "--accept-unbalanced", "seen by hand")
    assert code == 3
    assert "1 statement(s) booked" in out
    assert "b.txt:3" in err
    assert "\x1b" not in err
    folder, paths, profiles, actor, accept, replace, registered = imports[0]
    assert (folder, [p.name for p in paths], accept, replace, registered) == (
        office,
        ["a.txt"],
        "seen by hand",
        None,
        False,
    )
    assert profiles == {"from": PROJECT / "data/profiles"}
    assert actor
    assert json.loads(err.splitlines()[0])["on"] == "a.txt"
    code, out, _ = _call(capsys, "import", "--json", str(office / "inbox"))
    assert code == 3
    assert json.loads(out)["statements"][0]["status"] == "booked"


def test_demo_says_that_it_is_made_up(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make_office(folder: Path, customers: int, months: int, seed: int, progress: Any) -> None:
        (folder / "inbox" / "f.csv").write_text(f"{customers} {months} {seed}")
        progress(1, 1, "f.csv")

    monkeypatch.setattr("workbench.demo.make_office", make_office, raising=False)
    code, out, _ = _call(capsys, "demo", "--customers", "3000", "--months", "2", "--seed", "9")
    assert code == 0
    assert (office / "inbox" / "f.csv").read_text() == "3000 2 9"
    assert "données fictives" in out
    assert "Office réduit" in out


@pytest.mark.usefixtures("office")
def test_list_glossary_and_doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _call(capsys, "list", "--json")[0] == 0
    target = tmp_path / "docs" / "g.md"
    assert _call(capsys, "glossary", "--output", str(target))[0] == 0
    assert target.read_text(encoding="utf-8").startswith("# Glossaire")
    rows = json.loads(_call(capsys, "doctor", "--json", "--lang", "en")[1])
    assert {row["name"]: row["state"] for row in rows}["office"] == "present"


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 1), (OSError(28, "No space left on device", "/x"), 1)]
)
def test_the_machine_s_own_faults_are_told_calmly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    got, _, err = _call(capsys)
    assert got == code
    assert err.startswith("workbench: ")


@pytest.fixture
def flow_rules(tmp_path: Path) -> Path:
    """Rules without those of cash deposits, so that their labels are new."""
    found = (PROJECT / "data" / "reference" / "flow_rules.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line for line in found if not line.startswith(("cash,", "cfonb120-62,", "multicash-62,", "camt053-PMNT-CNTR"))
    ]
    (tmp_path / "rules.csv").write_text("".join(kept), encoding="utf-8")
    return tmp_path / "rules.csv"


def test_new_labels_are_written_filled_in_and_accepted(
    made_up: Path, flow_rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_PROJECT", str(PROJECT))
    new = tmp_path / "new.csv"
    asked = ("labels", "--office", str(made_up), "--rules", str(flow_rules))
    rows = json.loads(_call(capsys, *asked, "--json")[1])
    deposits = [row for row in rows if row["label_shape"] == "VERSEMENT ESPECES AG#"]
    assert deposits  # one a format that has any
    code, out, _ = _call(capsys, *asked, "--out", str(new), "--lang", "en")
    assert (code, out.split()[0]) == (0, str(len(rows)))
    assert _call(capsys, *asked, "--out", str(new))[0] == 2  # it may hold a person's work
    lines = new.read_text(encoding="utf-8-sig").splitlines()
    filled = [re.sub(";;;(?=[^;]*;$)", ";receipts_counters;A. Nom;", line) for line in lines if "VERSEMENT" in line]
    wrong = [filled[0].replace("receipts_counters", "dividends")]
    new.write_text("\n".join([lines[0], *filled, *wrong]), encoding="utf-8")
    code, out, err = _call(capsys, "labels", "--accept", str(new), "--rules", str(flow_rules), "--lang", "en")
    assert (code, out.split()[:2]) == (3, [str(len(deposits)), "rule(s)"])
    assert "dividends" in err
    code, out, _ = _call(capsys, "labels", "--accept", str(new), "--rules", str(flow_rules), "--json")
    assert (code, json.loads(out)["known"], json.loads(out)["rules"]) == (3, len(deposits), [])
    assert len(json.loads(_call(capsys, *asked, "--json")[1])) == len(rows) - len(deposits)


OWN = """
label_fr = "\\u001b[2J<b>Énergie</b> {x} %s"
label_en = "[red]Energy[/red]"
source = "=cmd|' /C calc'!A0"
[[steps]]
kind = "scale"
lines = ["energy"]
factor = "1.1"
[[steps]]
kind = "move"
counterparty = "CLIENT <script>{moved}"
days = 3
"""


def test_a_scenario_of_ones_own_is_compared_with_the_plan_and_its_text_stays_text(
    made_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_PROJECT", str(PROJECT))
    (tmp_path / "mine.toml").write_text(OWN, encoding="utf-8")
    asked = ("scenario", str(tmp_path / "mine.toml"), "--office", str(made_up), "--no-receivables")
    code, out, _ = _call(capsys, *asked)
    assert code == 3  # no flow is known of that client: said, and the rest is done
    assert "\ufffd[2J<b>Énergie</b> {x} %s" in out
    assert "Étape 2 (move) CLIENT <script>{moved} : rien du plan n’est concerné" in out
    code, out, _ = _call(capsys, *asked, "--json")
    told = json.loads(out)
    assert (code, told["scenario"], told["labels"]["en"], told["status"]) == (3, "mine", "[red]Energy[/red]", "own")
    before, after = told["sums"]
    assert after["change_centimes"] == after["total_centimes"] - before["total_centimes"] < 0
    assert [step["told_code"] for step in told["steps"]] == ["done", "nothing_found"]
    own = made_up / "scenarios"
    own.mkdir()
    (own / "mine.toml").write_text(OWN, encoding="utf-8")
    assert _call(capsys, *asked)[0] == 2  # another file of the office has that code
    (own / "mine.toml").unlink()
    own.rmdir()


def examples() -> list[str]:
    """The examples that `--help` gives, as they are typed."""
    every = [command.epilog for command in cli.app.registered_commands]
    return [text.removeprefix("Example: workbench ") for text in every if text]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` leaves: the files of a small office, imported."""
    folder = tmp_path_factory.mktemp("made") / "data" / "office" / "demo"
    make_office(folder, customers=60, months=2, seed=1)
    import_files(folder, sorted((folder / "inbox").iterdir()), load_profiles(PROJECT / "data" / "profiles"), "test")
    return folder


@pytest.mark.parametrize("example", examples())
def test_every_example_of_the_help_works_as_typed_after_the_demo(
    made_up: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, example: str
) -> None:
    monkeypatch.setenv("WORKBENCH_PROJECT", str(PROJECT))
    typed = shlex.split(example.replace("data/office", str(made_up.parent)))
    if typed[0] == "glossary":
        typed += ["--output", str(made_up / "glossary.md")]
    if typed[0] == "run":
        typed += ["--reports", str(made_up / "reports")]
    code, _, err = _call(capsys, *typed)
    assert code == 0, err
