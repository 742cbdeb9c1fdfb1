"""Mirrors pipeline/importing.py and bank_ledger.py: files in, an office out, nothing lost, nothing twice."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import xlsxwriter

from tests.intake.formats.test_cfonb120 import GOOD, PROFILE, record
from workbench import store
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import ImportReport, import_files

RECEIPTS_HEADER = "N° règlement;Client;Centre;Date;Montant;Canal;N° facture;Rejeté le"
RECEIPT = "R1;00000123;C0111;04/01/2022;100,00;ESP;;"
PROJECT = Path(__file__).resolve().parents[2]


def bring(office: Path, *files: Path, **options: str) -> ImportReport:
    return import_files(office, files, {"cfonb120": PROFILE}, "test", **options)  # type: ignore[arg-type]


def releve(folder: Path, name: str, *records: str) -> Path:
    path = folder / name
    path.write_text("\n".join(records), encoding="latin-1")
    return path


def lines(office: Path) -> list[tuple[object, ...]]:
    live = store.open_office(office)["bank_transactions"].filter("not is_superseded")
    return sorted(live.project("account_identifier, day_date, amount_centimes").fetchall())


def test_the_same_statement_again_and_renamed_changes_nothing(tmp_path: Path) -> None:
    office, one = tmp_path / "office", releve(tmp_path, "a.cfonb", *GOOD)
    first = bring(office, one)
    assert [(row["status"], row["closing_centimes"], row["movements"]) for row in first.statements] == [
        ("booked", -24040, 1)
    ]
    before = lines(office)
    for name in ("a.cfonb", "b.cfonb"):
        again = bring(office, releve(tmp_path, name, *GOOD, ""))
        assert [row["status"] for row in again.statements] == ["unchanged"]
    assert lines(office) == before
    assert store.verify(office) == []


def test_an_unbalanced_statement_is_refused_and_a_reason_lets_it_in_by_name(tmp_path: Path) -> None:
    office = tmp_path / "office"
    wrong = releve(tmp_path, "a.cfonb", *GOOD[:3], record("07", "020124", -24041))
    refused = bring(office, wrong)
    assert ([row["status"] for row in refused.statements], refused.exit_code) == (["refused"], 3)
    assert lines(office) == []
    accepted = bring(office, wrong, accept_unbalanced="vu avec la banque")
    assert [row["status"] for row in accepted.statements] == ["booked"]

    def told() -> object:
        rows = store.open_office(office)["statements"].project(
            "statement_status_code, actor, note, difference_centimes"
        )
        return rows.fetchall()

    assert told() == [("booked", "test", "vu avec la banque", -1)]
    # Sent again, by itself or under another name: it is in the ledger, and who let it in stays written.
    for name in ("a.cfonb", "b.cfonb"):
        again = bring(office, releve(tmp_path, name, *GOOD[:3], record("07", "020124", -24041)))
        assert ([row["status"] for row in again.statements], again.exit_code) == (["unchanged"], 0)
    assert told() == [("booked", "test", "vu avec la banque", -1)]


def test_a_contradiction_waits_and_is_superseded_by_a_reason(tmp_path: Path) -> None:
    office = tmp_path / "office"
    bring(office, releve(tmp_path, "a.cfonb", *GOOD))
    other = (GOOD[0], record("04", "020124", -4000, "COMMISSION"), record("07", "020124", -23040))
    corrected = releve(tmp_path, "b.cfonb", *other)
    held = bring(office, corrected)
    assert [row["status"] for row in held.statements] == ["held"]
    bring(office, corrected, replace="avis rectificatif")
    assert [row[2] for row in lines(office)] == [-4000]
    assert store.open_office(office)["bank_transactions"].aggregate("count(*)").fetchall() == [(2,)]


def test_a_file_that_nobody_knows_does_not_stop_the_others(tmp_path: Path) -> None:
    report = import_files(
        tmp_path / "office", [releve(tmp_path, "x.doc", "?"), releve(tmp_path, "a.cfonb", *GOOD)],
        {"cfonb120": PROFILE.model_copy(update={"files": ("*.cfonb",)})}, "test",
    )  # fmt: skip
    assert [p.code for p in report.problems] == ["account_unregistered", "profile_missing"]
    assert (report.exit_code, [row["status"] for row in report.statements]) == (3, ["booked"])


def test_the_receivables_sample_to_the_cent(tmp_path: Path, real_data: Path) -> None:
    path = real_data / "receivables" / "ibm_accounts_receivable.csv"
    report = import_files(tmp_path, [path], load_profiles(PROJECT / "data" / "profiles"), "test")
    assert report.exit_code == 0
    total = duckdb.sql(
        f"select sum(cast(InvoiceAmount as decimal(18,2))), count(*) from read_csv('{path}', all_varchar=true)"
    ).fetchall()[0]
    kept = store.open_office(tmp_path)["invoices"].aggregate("sum(amount_ttc_centimes), count(*)").fetchall()[0]
    assert (Decimal(kept[0]) / 100, kept[1]) == total == (Decimal(total[0]), 2466)
    again = import_files(tmp_path, [path], load_profiles(PROJECT / "data" / "profiles"), "test")
    assert again.row_counts == {}


def test_a_version_that_was_superseded_comes_back_only_where_a_person_names_it(tmp_path: Path) -> None:
    office, first = tmp_path / "office", releve(tmp_path, "a.cfonb", *GOOD)
    other = (GOOD[0], record("04", "020124", -4000, "COMMISSION"), record("07", "020124", -23040))
    bring(office, first)
    bring(office, releve(tmp_path, "b.cfonb", *other), replace="avis rectificatif")
    passed_over = bring(office, first)
    assert ([row["status"] for row in passed_over.statements], passed_over.import_id) == (["unchanged"], None)
    named = bring(office, first, again=True)
    assert [row["status"] for row in named.statements] == ["held"]
    bring(office, first, again=True, replace="le premier était le bon")
    assert [row[2] for row in lines(office)] == [-5000]


def test_a_known_statement_that_is_named_again_and_brings_nothing_is_no_import(tmp_path: Path) -> None:
    office, path = tmp_path / "office", releve(tmp_path, "a.cfonb", *GOOD)
    bring(office, path)
    before = len(store.history(office))
    again = bring(office, path, again=True)
    assert ([row["status"] for row in again.statements], again.import_id, again.row_counts) == (["unchanged"], None, {})
    assert len(store.history(office)) == before


def test_a_list_without_value_dates_counts_once_however_it_is_written(tmp_path: Path, real_data: Path) -> None:
    office, known = tmp_path / "office", load_profiles(PROJECT / "data" / "profiles")
    first = real_data / "bank" / "csv" / "csv_french_headers.csv"
    again = tmp_path / first.name
    again.write_bytes(first.read_bytes() + b"\r\n")  # the same rows in another file
    import_files(office, [first], known, "test")
    before = lines(office)
    assert len(before) == 3
    report = import_files(office, [again], known, "test")
    assert ([row["status"] for row in report.statements], lines(office)) == (["unchanged"], before)


def alias_register(folder: Path, *rows: tuple[str, str, str, date, date | None]) -> Path:
    """A register of aliases as the treasury keeps it."""
    path = folder / "REGISTRE_ALIAS.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Registre")
        for number, row in enumerate([("Format", "Identifiant", "RIB", "Depuis", "Jusqu'au"), *rows]):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell)
    return path


def test_a_name_that_two_accounts_claim_is_told_with_the_register_and_stops_its_statements(tmp_path: Path) -> None:
    office, profiles = tmp_path / "office", load_profiles(PROJECT / "data" / "profiles")
    name, since = "15589-00000-98765432100", date(2020, 1, 1)
    one, other = "011519000001205000534921", "310810101402900442310133"
    claimed = alias_register(
        tmp_path, ("cfonb120", name, one, since, None), ("cfonb120", name, other, date(2022, 1, 1), None)
    )
    statement = releve(tmp_path, "CFONB_a.txt", *GOOD)
    held = import_files(office, [claimed, statement], profiles, "test")
    told = {problem.code: problem for problem in held.problems}
    assert told["alias_claimed_twice"].severity == "warning"
    assert one in told["alias_claimed_twice"].message("fr")
    assert [row["status"] for row in held.statements] == ["refused"]
    assert told["account_ambiguous"].severity == "refused"
    assert lines(office) == []
    # The first one is given an end, in the same row: the statement goes in.
    ended = alias_register(
        tmp_path, ("cfonb120", name, one, since, date(2021, 12, 31)), ("cfonb120", name, other, date(2022, 1, 1), None)
    )
    mended = import_files(office, [ended, statement], profiles, "test")
    assert "alias_claimed_twice" not in {problem.code for problem in mended.problems}
    assert [row["status"] for row in mended.statements] == ["booked"]


def receipts(folder: Path, name: str, *rows: str) -> Path:
    """Receipts as the commercial system writes them."""
    path = folder / name
    path.write_text("\n".join((RECEIPTS_HEADER, *rows, "")), encoding="cp1252")
    return path


def test_a_receipt_that_two_files_tell_apart_waits_and_a_reason_lets_the_last_in(tmp_path: Path) -> None:
    office, profiles = tmp_path / "office", load_profiles(PROJECT / "data" / "profiles")
    one = receipts(tmp_path, "SIC_REGLEMENTS_1.csv", RECEIPT)
    other = receipts(tmp_path, "SIC_REGLEMENTS_2.csv", RECEIPT.replace("100,00", "999,00"))
    both = import_files(office, [one, other], profiles, "test")
    assert (both.exit_code, [p.code for p in both.problems if p.severity == "refused"]) == (3, ["key_contradicts_file"])
    amounts = store.open_office(office)["payments"].project("amount_centimes")
    assert amounts.fetchall() == [(10000,)]
    alone = import_files(office, [other], profiles, "test", again=True)
    assert [p.code for p in alone.problems if p.severity == "refused"] == ["key_contradicts_stored"]
    import_files(office, [other], profiles, "test", replace="avis de l'agence", again=True)
    assert store.open_office(office)["payments"].project("amount_centimes").fetchall() == [(99900,)]


def test_an_older_list_of_sap_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    office, profiles = tmp_path / "office", load_profiles(PROJECT / "data" / "profiles")

    def listed(name: str, day: str, cleared: str) -> Path:
        text = f"{day}        Liste des postes client     Page 1\nSociété       1000\nTous les postes\n"
        text += "|Client|N° pièce|Poste|Exercice|Date pièce|Date compt.|Éch. nette|Rappr.    |Mnt en DI|Dev. int.|\n"
        text += (
            f"|10001 |14      |1    |2023    |05.01.2023|05.01.2023 |05.02.2023|{cleared:<10}|   100,00|MAD      |\n"
        )
        path = tmp_path / name
        path.write_bytes(text.encode("cp1252"))
        return path

    january, february = listed("FBL5N_z.txt", "31.01.2023", ""), listed("FBL5N_a.txt", "28.02.2023", "10.02.2023")
    import_files(office, [february, january], profiles, "test")
    cleared = store.open_office(office)["ledger_entries"].project("clearing_date, extract_date")
    assert cleared.fetchall() == [(date(2023, 2, 10), date(2023, 2, 28))]
    march = import_files(office, [listed("FBL5N_b.txt", "31.03.2023", "")], profiles, "test")
    assert "clearing_gone" in {problem.code for problem in march.problems}


def test_a_report_of_the_day_that_was_refused_comes_in_later_and_never_twice(tmp_path: Path) -> None:
    office, profiles = tmp_path / "office", load_profiles(PROJECT / "data" / "profiles")
    path = tmp_path / "jour.mt942"
    head = ":20:JOUR\n:25:011519000001205000534921\n:28C:1/1\n:34F:MAD0,\n:13D:2401031200+0100\n"
    path.write_text(f"{head}:61:2401030103C250,50NTRFREF1//B1\n:86:VIREMENT\n:90D:0MAD0,00\n:90C:1MAD250,50\n-\n")

    def bring_it(require: bool) -> list[str]:
        report = import_files(office, [path], profiles, "test", require_registered=require, again=True)
        return [row["status"] for row in report.statements]

    assert [bring_it(each) for each in (True, False, True, False)] == [
        ["refused"],
        ["interim"],
        ["refused"],
        ["unchanged"],
    ]
    assert [row[2] for row in lines(office)] == [25050]
    kept = store.open_office(office)["statements"].project("statement_status_code").fetchall()
    assert kept == [
        ("interim",)
    ]  # a refusal of what is held already is told as a problem: the row keeps what the ledger holds


def test_two_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("janvier", "fevrier"):
        (tmp_path / folder).mkdir()
    wrong = (*GOOD[:3], record("07", "020124", -24041))
    one, other = releve(tmp_path / "janvier", "r.cfonb", *GOOD), releve(tmp_path / "fevrier", "r.cfonb", *wrong)
    report = bring(tmp_path / "office", one, other)
    assert [(row["file"], row["status"]) for row in report.statements] == [
        ("fevrier/r.cfonb", "refused"), ("janvier/r.cfonb", "booked"),
    ]  # fmt: skip
    assert {p.where for p in report.problems if p.severity == "refused"} == {"fevrier/r.cfonb:1"}
    logged = store.open_office(tmp_path / "office")["import_files"].project("file_name, problem_count").fetchall()
    assert sorted(name for name, _ in logged) == ["fevrier/r.cfonb", "janvier/r.cfonb"]
    assert sum(count for _, count in logged) == len(report.problems)
