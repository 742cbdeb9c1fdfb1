"""Files that no one should trust, of every format of text and workbook: told with their place and a remedy, or carried as plain
text; never a traceback, nothing booked half."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.intake.formats.hostile_files import KINDS, STORED, XLSX, Kind, account, csv_text, workbook
from tests.intake.formats.test_multicash import MOVES
from workbench import store
from workbench.intake.profiles import Profile
from workbench.pipeline.importing import ImportReport, import_files

TABLES = ("bank_transactions", "statement_days", "bank_accounts", "ledger_entries")
EVERY = sorted(KINDS)


@functools.cache
def empty_office() -> Path:
    """An office that every test copies: to create one takes longer than to import a small file."""
    office = Path(tempfile.mkdtemp(prefix="hostile-")) / "office"
    atexit.register(shutil.rmtree, office.parent, ignore_errors=True)
    store.create_office(office)
    return office


def imported(folder: Path, paths: list[Path], profile: Profile) -> ImportReport:
    office = folder / "office"
    shutil.copytree(empty_office(), office)
    return import_files(office, sorted(paths), {profile.name: profile}, "test")


def told(report: ImportReport) -> list[tuple[str, str]]:
    """Code and place of each problem that stops something; each has its sentences in both languages."""
    for problem in report.problems:
        assert all(sentence(lang) for sentence in (problem.message, problem.remedy) for lang in ("fr", "en"))
    return [(problem.code, problem.where) for problem in report.problems if problem.severity in ("refused", "held")]


def rows(folder: Path) -> int:
    office = store.open_office(folder / "office")
    return sum(int(office[name].aggregate("count(*)").fetchall()[0][0]) for name in TABLES)


def amounts(folder: Path) -> list[tuple[object, ...]]:
    office = store.open_office(folder / "office")
    return [
        row
        for table, column in (("bank_transactions", "amount"), ("bank_accounts", "floor"), ("ledger_entries", "amount"))
        for row in office[table].project(f"'{table}', {column}_centimes").order("all").fetchall()
    ]


def refused(folder: Path, kind: Kind, content: bytes, profile: Profile | None = None) -> list[tuple[str, str]]:
    """The problems of a spoilt file, of which nothing may be in the store."""
    paths = kind.write(folder, content)
    report = imported(folder, paths, profile or kind.profile)
    assert report.exit_code == 3
    assert rows(folder) == 0
    problems = told(report)
    assert problems
    assert all(where.split(":")[0] in {path.name for path in paths} for _, where in problems)
    return problems


@pytest.mark.parametrize("name", EVERY)
def test_the_good_file_is_good(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    report = imported(tmp_path, kind.write(tmp_path, kind.text("REGIE").encode(kind.profile.encoding)), kind.profile)
    assert (told(report), report.exit_code) == ([], 0)
    assert rows(tmp_path) > 0


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.97])
def test_a_truncated_file_is_told_or_has_lost_no_amount(tmp_path: Path, name: str, part: float) -> None:
    kind = KINDS[name]
    content = kind.text("REGIE").encode(kind.profile.encoding)
    report = imported(tmp_path, kind.write(tmp_path, content[: int(len(content) * part)]), kind.profile)
    if report.exit_code == 3:
        assert told(report)
        assert rows(tmp_path) == 0
        return
    # What is cut off is blanks, a rule, or a name behind the amounts: every amount is there.
    found = amounts(tmp_path)
    (tmp_path / "whole").mkdir()
    imported(tmp_path / "whole", kind.write(tmp_path / "whole", content), kind.profile)
    assert found == amounts(tmp_path / "whole")


@pytest.mark.parametrize("name", EVERY)
def test_an_empty_file_is_told(tmp_path: Path, name: str) -> None:
    refused(tmp_path, KINDS[name], b"")


@pytest.mark.parametrize("name", EVERY)
def test_binary_files_are_told(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    for number, content in enumerate(
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" * 200, b"PK\x03\x04" * 500)
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        refused(folder, kind, content)


@pytest.mark.parametrize("name", EVERY)
def test_another_encoding_than_the_one_declared_is_told(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    as_utf_8 = kind.profile.model_copy(update={"encoding": "utf-8"})
    for number, (encoding, profile) in enumerate(
        (("utf-16", kind.profile), ("utf-16-le", kind.profile), ("cp1252", as_utf_8))
    ):
        text = kind.text("RÉGIE") if encoding != "cp1252" or name != "multicash statements" else kind.text("") + "É"
        folder = tmp_path / str(number)
        folder.mkdir()
        refused(folder, kind, text.encode(encoding), profile)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("unit", ["a", "x;", "| x ", "\r"])
def test_a_file_of_one_endless_line_is_told(tmp_path: Path, name: str, unit: str) -> None:
    refused(tmp_path, KINDS[name], (unit * (3_000_000 // len(unit))).encode())


@pytest.mark.parametrize("name", [name for name in EVERY if name != "multicash statements"])
def test_a_nul_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    content = kind.text("RE\0GIE").encode(kind.profile.encoding)
    line = content[: content.index(b"\0")].count(b"\n") + 1
    problems = refused(tmp_path, kind, content)
    assert problems[0] == ("file_unreadable", f"{kind.file}:{line}")


NAMES = (
    "<script>alert(1)</script>", "<base href=//x.test>", "<img src=x onerror=alert(1)>", "<meta http-equiv=refresh>",
    "=HYPERLINK(\"//x\",\"a\")", "+1+cmd|' /C x'!A0", "@SUM(1+1)", "-2+3", "\u202egnp.exe", "{{7*7}} ${7*7} %s", "'; drop table x --",
)  # fmt: skip


# A semicolon ends a field of MultiCash, which knows no quotes: such a name cannot be written in one.
WRITTEN = [
    (name, each) for name in sorted(STORED) for each in NAMES if not (name.startswith("multicash") and ";" in each)
]


@pytest.mark.parametrize(("name", "written"), WRITTEN)
def test_a_name_that_would_be_code_elsewhere_is_kept_as_text(tmp_path: Path, name: str, written: str) -> None:
    kind = KINDS[name]
    text = written[:31] if name == "cfonb120" else written
    profile = kind.profile.model_copy(update={"encoding": "utf-8"})
    report = imported(tmp_path, kind.write(tmp_path, kind.text(text).encode(), "utf-8"), profile)
    assert (told(report), report.exit_code) == ([], 0)
    table, column = STORED[name]
    stored = store.open_office(tmp_path / "office")[table].project(column).fetchall()
    assert (text.strip(),) in stored


@pytest.mark.parametrize("written", [*NAMES, "RE\0GIE"])
def test_a_name_of_a_workbook_is_kept_as_text(tmp_path: Path, written: str) -> None:
    report = imported(tmp_path, [workbook(tmp_path, account(written))], XLSX)
    stored = store.open_office(tmp_path / "office")["bank_accounts"].project("account_label").fetchall()
    if "\0" in written:
        assert (told(report), stored) == ([("file_unreadable", "comptes.xlsx:2")], [])
    else:
        assert (told(report), stored) == ([], [(written,)])


def changed(name: str, old: str, new: str, times: int = 1) -> bytes:
    """The good file with one thing in it written otherwise."""
    kind = KINDS[name]
    text = kind.text("REGIE")
    assert old in text
    return text.replace(old, new, times).encode(kind.profile.encoding)


ROW = csv_text("REGIE").splitlines()[1]
WRONG = [
    # amounts finer than a centime
    ("cfonb120", "MAD2 9876543210062020124", "MAD9 9876543210062020124", "amount_not_exact", [2]),
    ("mt940", "250,50", "250,505", "amount_not_exact", [5]),
    ("multicash movements", "-250,50", "-250,505", "amount_not_exact", [1]),
    ("multicash statements", "849,50", "849,501", "amount_not_exact", [1]),
    ("csv", "1,50", "1,501", "amount_not_exact", [2]),
    ("sap list", "1.234,56  ", "1.234,567 ", "amount_not_exact", [8]),
    # off by one centime
    ("cfonb120", "500}", "500J", "statement_unbalanced", [1]),
    ("mt940", "749,50", "749,51", "statement_unbalanced", [1]),
    ("multicash statements", "849,50", "849,51", "statement_unbalanced", [1]),
    ("multicash movements", "-250,50", "-250,51", "statement_unbalanced", [1]),
    ("sap list", "|1.234,56", "|1.234,57", "sap_total_wrong", [10]),
    # too few columns, cut records
    ("cfonb120", "04", "4", "cfonb_record_alone", [2]),
    ("mt940", ":61:2401030103D250,50NTRFREF1//B1", ":61:240103", "mt940_unreadable", [5]),
    ("multicash movements", MOVES[1], MOVES[1][:60], "multicash_line", [2]),
    ("multicash statements", ";MAD;", ";", "statement_amount_wrong", [1]),
    ("csv", ";A1;", ";", "row_width", [2]),
    ("sap list", "|2023    |", "|2023     ", "file_unreadable", [8]),
    # mixed decimals
    ("mt940", "250,50", "250.50", "statement_unbalanced", [1]),
    ("multicash movements", "100,00", "100.00", "statement_amount_wrong", [2]),
    ("csv", "1,50", "1.50", "amount_unreadable", [2]),
    ("sap list", "1.234,56", "1,234.56", "amount_unreadable", [8]),
    # keys that repeat, codes that are not known
    ("csv", ROW, f"{ROW}\n{ROW}", "key_repeated", [3]),
    ("csv", "receipts", "royal", "code_unknown", [2]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "lines"), WRONG)
def test_a_wrong_value_is_told_with_its_line(
    tmp_path: Path, name: str, old: str, new: str, code: str, lines: list[int]
) -> None:
    problems = refused(tmp_path, KINDS[name], changed(name, old, new))
    assert [(found, where.rpartition(":")[2]) for found, where in problems if found == code] == [
        (code, str(n)) for n in lines
    ]
