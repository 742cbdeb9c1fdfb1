"""Mirrors pipeline/importing.py for camt files: statements of a day in a chain, pages, entries not booked."""

import shutil
from pathlib import Path

import duckdb

from tests.intake.formats.camt_messages import balance, document, entry, statement
from workbench import store
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import ImportReport, import_files

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "data" / "profiles")


def bring(office: Path, *files: Path) -> ImportReport:
    return import_files(office, files, PROFILES, "test")


def message(folder: Path, name: str, *statements: str, **changes: str) -> Path:
    path = folder / name
    path.write_text(document(*statements, **changes), encoding="utf-8")
    return path


def statuses(report: ImportReport) -> list[tuple[str, int | None]]:
    return [(row["status"], row["closing_centimes"]) for row in report.statements]


def days(office: Path) -> list[tuple[object, ...]]:
    live = store.open_office(office)["statement_days"].filter("not is_superseded")
    shown: duckdb.DuckDBPyRelation = live.project(
        "day_date::varchar, opening_centimes, closing_centimes, movement_count"
    )
    return sorted(shown.fetchall())


def test_the_files_of_others_are_booked_or_refused_with_their_reason(real_data: Path, tmp_path: Path) -> None:
    office, inbox = tmp_path / "office", tmp_path / "inbox"
    shutil.copytree(real_data / "bank" / "camt053", inbox)
    files = sorted(inbox.glob("*.xml"))
    report = bring(office, *files)
    assert sorted((row["file"], row["status"], row["closing_centimes"]) for row in report.statements) == [
        ("bankstatementparser.camt.053.001.02.xml", "booked", 43567850),
        ("camt053.v2.all-balance-types.xml", "refused", 404),
        ("camt053.v2.minimal.xml", "refused", -2700),
        ("camt053.v2.multi.statement.xml", "booked", 2700),
        ("camt053.v2.multi.statement.xml", "extended", 2000),
        ("camt053.v2.with-party-ids.xml", "refused", -2700),
        ("camt053.v8.xml", "refused", -2700),
    ]
    reasons = {row["file"]: row["reason"] for row in report.statements}
    assert "-5,82 EUR" in reasons["camt053.v2.all-balance-types.xml"]
    assert ("2014-12-31", 1815, 2000, 2) in days(office)
    assert store.verify(office) == []
    before = days(office)
    again = bring(office, *(path.rename(path.with_name(f"new_{path.name}")) for path in files))
    assert {row["status"] for row in again.statements} == {"unchanged", "refused"}
    assert days(office) == before


def test_two_statements_of_a_day_in_two_imports(tmp_path: Path) -> None:
    office = tmp_path / "office"
    first = statement(entry("8.85"), opening="18.15", closing="27.00")
    second = statement(entry("7.00", "DBIT"), opening="27.00", closing="20.00").replace(">12<", ">13<")
    assert statuses(bring(office, message(tmp_path, "a.camt", first))) == [("booked", 2700)]
    assert statuses(bring(office, message(tmp_path, "b.camt", second))) == [("extended", 2000)]
    assert statuses(bring(office, message(tmp_path, "c.camt", second, first))) == [
        ("unchanged", 2700),
        ("unchanged", 2000),
    ]
    assert days(office) == [("2024-01-03", 1815, 2000, 2)]
    assert store.verify(office) == []


def test_pages_in_several_files_are_one_statement(tmp_path: Path) -> None:
    def page(number: int, last: str, balances: str, *entries: str) -> str:
        told = f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
        return statement(*entries, pages=told, balances=balances)

    pages = {
        "bare": [
            page(1, "false", balance("OPBD", "10.00"), entry("1.00"), entry("2.00")),
            page(2, "false", "", entry("3.00")),
            page(3, "true", balance("CLBD", "20.00"), entry("4.00")),
        ],
        "with_interim_balances": [
            page(1, "false", balance("OPBD", "10.00") + balance("ITBD", "13.00"), entry("1.00"), entry("2.00")),
            page(2, "false", balance("ITBD", "13.00") + balance("ITBD", "16.00"), entry("3.00")),
            page(3, "true", balance("ITBD", "16.00") + balance("CLBD", "20.00"), entry("4.00")),
        ],
    }
    for kind, texts in pages.items():
        folder = tmp_path / kind
        folder.mkdir()
        files = [message(folder, f"{number}.camt", text) for number, text in enumerate(texts)]
        held = bring(folder / "held", files[0], files[2])
        assert [status for status, _ in statuses(held)] == ["held", "held"], kind
        assert days(folder / "held") == []
        assert statuses(bring(folder / "office", *reversed(files))) == [("booked", 2000)], kind
        assert days(folder / "office") == [("2024-01-03", 1000, 2000, 4)]


def test_messages_of_version_2_count_their_pages_in_the_header(tmp_path: Path) -> None:
    def header(number: int, last: str) -> str:
        return f"<MsgPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></MsgPgntn>"

    whole = statement(entry("5.00"), closing="5.00").replace("000001205000534921", "000001205000534922")
    begins = statement(entry("1.00"), balances=balance("OPBD", "0"))
    ends = statement(entry("2.00"), balances=balance("CLBD", "3.00"))
    one = message(tmp_path, "1.camt", whole, begins, header=header(1, "false"))
    two = message(tmp_path, "2.camt", ends, header=header(2, "true"))
    report = bring(tmp_path / "office", one, two)
    assert sorted(statuses(report)) == [("booked", 300), ("booked", 500)]
    assert days(tmp_path / "office") == [("2024-01-03", 0, 300, 2), ("2024-01-03", 0, 500, 1)]


def test_what_is_not_booked_is_kept_outside_the_ledger(tmp_path: Path) -> None:
    office = tmp_path / "office"
    undated = entry("5.00", status="PDNG").replace(
        "<BookgDt><Dt>2024-01-03</Dt></BookgDt>\n<ValDt><Dt>2024-01-04</Dt></ValDt>\n", ""
    )
    report = bring(office, message(tmp_path, "a.camt", statement(entry("1.00"), undated, closing="1.00")))
    assert [status for status, _ in statuses(report)] == ["booked", "interim"]
    assert report.exit_code == 0
    rows = (
        store.open_office(office)["bank_transactions"]
        .project("is_interim, amount_centimes, day_date::varchar")
        .fetchall()
    )
    assert sorted(rows) == [(False, 100, "2024-01-03"), (True, 500, "2024-01-03")]
    assert store.verify(office) == []


def test_a_moroccan_iban_and_its_rib_are_one_account(tmp_path: Path) -> None:
    office = tmp_path / "office"
    by_rib = statement(entry("1.00"), closing="1.00")
    by_iban = by_rib.replace(
        "<Othr><Id>011519000001205000534921</Id></Othr>", "<IBAN>MA64 0115 1900 0001 2050 0053 4921</IBAN>"
    )
    bring(office, message(tmp_path, "a.camt", by_rib))
    assert [status for status, _ in statuses(bring(office, message(tmp_path, "b.camt", by_iban)))] == ["unchanged"]


def test_a_hostile_file_changes_nothing(tmp_path: Path) -> None:
    office = tmp_path / "office"
    path = message(tmp_path, "a.camt", statement(entry("1.00"), closing="1.00"))
    path.write_text(path.read_text().replace("<Document", '<!DOCTYPE D [<!ENTITY e "1">]><Document'))
    report = bring(office, path)
    assert (report.statements, report.exit_code) == ([], 3)
    assert [problem.where for problem in report.problems] == ["a.camt:2"]
    assert days(office) == []
