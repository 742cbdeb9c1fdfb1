"""Mirrors intake/formats/mt940.py: made messages here, banks' own files where they are present."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import ReadingError
from workbench.intake.formats.mt940 import read
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, read_file

PROFILE = Profile(name="mt940", format="mt940", files=("*",), encoding="latin-1")

HEAD = ":20:STARTUMS\n:25:{account}\n:28C:12/1\n"
GOOD = HEAD + ":60F:C240102MAD1000,00\n:61:2401030103D250,50NTRFREF1//B1\n:86:VIREMENT\n:62F:C240103MAD749,50\n-\n"


def write(folder: Path, text: str, account: str = "12345678/1020304050", name: str = "releve.sta") -> Path:
    path = folder / name
    path.write_bytes(text.replace("{account}", account).encode("latin-1"))
    return path


def proofs(reading: Reading) -> list[tuple[str, int | None, int | None, int]]:
    columns = ("proof_code", "opening_centimes", "closing_centimes", "movement_count")
    return [tuple(row[c] for c in columns) for row in reading.tables["read_statements"].to_pylist()]


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in reading.problems]


def test_a_statement_is_read_and_proven(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path, GOOD), PROFILE)
    assert proofs(reading) == [("proven", 100000, 74950, 1)]
    (line,) = reading.tables["read_lines"].to_pylist()
    assert line["booking_date"] == line["value_date"] == date(2024, 1, 3)
    assert (line["amount_centimes"], line["operation_code"], line["reference"], line["label"], line["line_number"]) == (
        -25050,
        "NTRF",
        "REF1",
        "VIREMENT",
        5,
    )
    (row,) = reading.tables["read_statements"].to_pylist()
    assert (row["statement_number"], row["page_number"], row["is_last_page"]) == ("12", None, None)


def test_a_moroccan_iban_becomes_its_rib_and_a_wrong_key_is_refused(tmp_path: Path) -> None:
    reading = read(write(tmp_path, GOOD, "MA64011519000001205000534921"), PROFILE)
    assert reading.tables["read_statements"]["account_identifier"].to_pylist() == ["011519000001205000534921"]
    assert codes(read(write(tmp_path, GOOD, "MA64011519000001205000534922"), PROFILE)) == [
        ("account_wrong", "releve.sta:1")
    ]


@pytest.mark.parametrize(("mark", "sign"), [("C", 1), ("D", -1), ("RC", -1), ("RD", 1)])
def test_a_reversal_takes_the_other_sign(tmp_path: Path, mark: str, sign: int) -> None:
    text = HEAD + f":60F:C240102MAD0,00\n:61:240103{mark}7,00NTRFX\n:62F:{'C' if sign > 0 else 'D'}240103MAD7,00\n-\n"
    assert proofs(read(write(tmp_path, text), PROFILE)) == [("proven", 0, sign * 700, 1)]


def test_lines_without_a_type_all_count(tmp_path: Path) -> None:
    text = HEAD + ":60F:C240102MAD0,00\n:61:240103C1,00\n:61:240103C2,00\n:61:240103C3,00\n:62F:C240103MAD6,00\n"
    assert proofs(read(write(tmp_path, text), PROFILE)) == [("proven", 0, 600, 3)]


def test_several_statements_stay_apart_and_a_broken_one_stops_no_other(tmp_path: Path) -> None:
    wrong = GOOD.replace(":61:2401030103D250,50NTRF", ":61:no line at all ")
    reading = read(write(tmp_path, GOOD + wrong + GOOD), PROFILE)
    assert [proof[0] for proof in proofs(reading)] == ["proven", "proven"]
    assert codes(reading) == [("mt940_unreadable", "releve.sta:13")]


def test_one_centime_off_is_seen(tmp_path: Path) -> None:
    reading = read(write(tmp_path, GOOD.replace("749,50", "749,51")), PROFILE)
    assert proofs(reading) == [("unbalanced", 100000, 74951, 1)]
    assert reading.tables["read_statements"]["difference_centimes"].to_pylist() == [1]


@pytest.mark.parametrize("old", ["D250,50", "MAD749,50"])
def test_an_amount_finer_than_a_centime_breaks_its_statement(tmp_path: Path, old: str) -> None:
    reading = read(write(tmp_path, GOOD.replace(old, old + "5") + GOOD), PROFILE)
    assert [proof[0] for proof in proofs(reading)] == ["broken", "proven"]
    assert [problem.code for problem in reading.problems] == ["amount_not_exact"]


def test_a_balance_without_currency_keeps_its_amount_and_pages_are_numbered(tmp_path: Path) -> None:
    first = HEAD + ":60F:C240102MAD1000,00\n:61:240103C5,00NTRFX\n:62M:C2401031005,00\n-\n"
    second = HEAD + ":60M:C240103MAD1005,00\n:61:240103C1,00NTRFX\n:62F:C2401031006,00\n-\n"
    reading = read(write(tmp_path, first + second), PROFILE)
    assert proofs(reading) == [("proven", 100000, 100500, 1), ("proven", 100500, 100600, 1)]
    pages = reading.tables["read_statements"].select(["page_number", "is_last_page"]).to_pylist()
    assert [tuple(page.values()) for page in pages] == [(1, False), (2, True)]


def test_an_amount_longer_than_its_field_is_not_cut(tmp_path: Path) -> None:
    text = HEAD + ":60F:C240102MAD00000000000000001000,00\n:62F:C240103MAD1000,00\n-\n"
    assert proofs(read(write(tmp_path, text), PROFILE)) == [("proven", 100000, 100000, 0)]


def test_two_currencies_break_a_statement(tmp_path: Path) -> None:
    reading = read(write(tmp_path, GOOD.replace(":62F:C240103MAD", ":62F:C240103EUR")), PROFILE)
    assert proofs(reading)[0][0] == "broken"
    assert reading.problems[0].values["currencies"] == "EUR, MAD"


def test_an_intraday_report_is_interim_and_its_totals_are_checked(tmp_path: Path) -> None:
    text = HEAD + ":34F:MAD0,\n:13D:2401031815+0100\n:61:240103C5,00NTRFX\n:90D:0MAD0,00\n:90C:1MAD{total}\n-\n"
    for total, problems in (("5,00", []), ("6,00", ["interim_totals_differ"])):
        reading = read(write(tmp_path, text.replace("{total}", total)), PROFILE)
        (row,) = reading.tables["read_statements"].to_pylist()
        assert (row["format_code"], row["is_interim"], row["proof_code"], row["currency_code"]) == (
            "mt942",
            True,
            "no_balances",
            "MAD",
        )
        assert [problem.code for problem in reading.problems] == problems


def test_lines_outside_a_statement_are_told(tmp_path: Path) -> None:
    stray = ":61:240103C1,00NTRFX\n"
    assert codes(read(write(tmp_path, stray + GOOD), PROFILE)) == [("mt940_stray_lines", "releve.sta:1")]
    assert codes(read(write(tmp_path, GOOD + stray), PROFILE)) == [("mt940_stray_lines", "releve.sta:9")]


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    reading = read(write(tmp_path, GOOD[: GOOD.index(":62F")]), PROFILE)
    assert (proofs(reading)[0][0], codes(reading)) == ("broken", [("statement_balance_missing", "releve.sta:1")])


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"a" * 1_000_000, b":20:X\n:86:" + b"?20" * 100_000])
def test_empty_binary_and_endless_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.sta"
    path.write_bytes(content)
    with pytest.raises(ReadingError):
        read_file(path, PROFILE)


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    assert codes(read(write(tmp_path, "Date;Montant\n"), PROFILE)) == [("mt940_no_statement", "releve.sta:1")]


# Opening, closing in hundredths, movements and proof of the statements of each file: what the reader said first, kept so that a change
# is seen; the first ASNB statement, citi, mBank and multiline were also added up by hand.
KNOWN = {
    "citi/mt940.txt": [("proven", 1737667, 1623392, 5)],
    "mBank/mt940.sta": [("proven", 40, 43, 3)],
    "mBank/mt942.sta": [("no_balances", None, None, 3)],
    "mBank/with_newline_in_tnr.sta": [("unbalanced", 46, 86017, 2)],
    "sberbank/171011_01234945.sta": [("proven", 62731130, 61787430, 3)],
    "self-provided/february_30.sta": [("proven", 120000, 119400, 1)],
    "self-provided/gv_codes.sta": [("broken", 1234512, None, 2)],
    "self-provided/invalid_statement.sta": [],
    "self-provided/long_statement_number.sta": [("proven", 0, 0, 0)],
    "self-provided/mt942.sta": [("no_balances", None, None, 1)],
    "self-provided/multiline.sta": [("proven", 1640, 1140, 1)],
    "self-provided/raiffeisen-cmi.sta": [("unbalanced", 2517063710, 2528168760, 7)],
    "self-provided/raphaelm.sta": [
        ("proven", 0, 10500000, 6),
        ("proven", 10500000, 14500000, 2),
        ("proven", 14500000, 9500000, 1),
    ],
    "self-provided/sparkassen.sta": [],
    "self-provided/transaction_details_wrapped.sta": [("proven", 120000, 119400, 1)],
    "self-provided/whitespace.sta": [("unbalanced", 1234512, 1234598, 1)],
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_banks_own_files(real_data: Path, name: str) -> None:
    assert proofs(read(real_data / "bank" / "mt940" / name, PROFILE)) == KNOWN[name]


@pytest.mark.parametrize("name", ["mt940.txt", "mt940_with_spaces_for_entry_date.txt"])
def test_a_bank_that_writes_an_iban_as_reference(real_data: Path, name: str) -> None:
    read_ = proofs(read(real_data / "bank" / "mt940" / "ASNB" / name, PROFILE))
    assert len(read_) == 31
    assert {proof[0] for proof in read_} == {"proven"}
    assert (read_[0][1], read_[-1][2]) == (44429, 50123)


def test_every_file_is_read_or_told(real_data: Path) -> None:
    for path in sorted((real_data / "bank" / "mt940").glob("*/*")):
        reading = read(path, PROFILE)
        assert reading.problems or proofs(reading), path.name
        for problem in reading.problems:
            assert problem.message("fr")
            assert problem.remedy("en")
