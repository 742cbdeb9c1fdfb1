"""Mirrors intake/formats/multicash.py: pairs of files written here, in the field order of SAP note 36833 (made-up data)."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import store
from workbench.errors import ReadingError
from workbench.intake.formats.multicash import read
from workbench.intake.profiles import load_profiles, profile_for
from workbench.intake.reading import Reading, read_file
from workbench.pipeline.importing import import_files

PROJECT = Path(__file__).resolve().parents[3]
PROFILE = load_profiles(PROJECT / "data" / "profiles")["multicash"]
RIB = "011519000001205000534921"


def statement(opening: str, debit: str, credit: str, closing: str, number: str = "12", day: str = "05.01.24",
              account: str = RIB, count: str = "") -> str:  # fmt: skip
    fields = [
        "011",
        account,
        number,
        day,
        "MAD",
        opening,
        debit,
        credit,
        closing,
        "REGIE",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        count,
    ]
    return ";".join(fields)


def movement(amount: str, label: str = "VIREMENT", number: str = "12", value: str = "08.01.24", posted: str = "05.01.24",
             account: str = RIB, **more: str) -> str:  # fmt: skip
    fields = [
        "011",
        account,
        number,
        value,
        "",
        more.get("note", ""),
        label,
        "",
        "051",
        more.get("cheque", ""),
        amount,
        "",
        "",
        posted,
    ]
    return ";".join([*fields, "", "", more.get("note2", "")] + [""] * 12 + ["STE", "EAU", ""])


GOOD = (statement("1000,00", "250,50", "100,00", "849,50", count="2"),)
MOVES = (movement("-250,50", note="FACTURE 1", note2="JANVIER", cheque="77"), movement("100,00", "REMISE"))


def write(folder: Path, statements: object = GOOD, movements: object = MOVES, name: str = "AUSZUG.TXT") -> Path:
    path = folder / name
    for target, rows in ((path, statements), (folder / name.replace("AUSZUG", "UMSATZ"), movements)):
        if rows is not None:
            target.write_bytes("".join(f"{row}\r\n" for row in rows).encode("latin-1"))  # type: ignore[attr-defined]
    return path


def proofs(reading: Reading) -> list[tuple[str, int | None, int | None, int]]:
    columns = ("proof_code", "opening_centimes", "closing_centimes", "movement_count")
    return [tuple(row[c] for c in columns) for row in reading.tables["read_statements"].to_pylist()]


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in reading.problems]


def test_a_pair_is_read_and_proven(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path), PROFILE)
    assert (proofs(reading), codes(reading)) == ([("proven", 100000, 84950, 2)], [])
    (row,) = reading.tables["read_statements"].to_pylist()
    assert (row["account_identifier"], row["statement_number"], row["closing_date"]) == (
        RIB,
        "12",
        date(2024, 1, 5),
    )
    first = reading.tables["read_lines"].to_pylist()[0]
    assert first == {
        "statement_index": 0, "line_number": 1, "booking_date": date(2024, 1, 5), "value_date": date(2024, 1, 8),
        "amount_centimes": -25050, "operation_code": "051", "label": "VIREMENT", "reference": "77",
        "counterparty": "STE EAU", "details": "FACTURE 1\nJANVIER",
    }  # fmt: skip


def test_an_account_that_is_no_rib_keeps_its_bank(tmp_path: Path) -> None:
    reading = read(write(tmp_path, [statement("0,00", "0,00", "0,00", "0,00", account="4711")], []), PROFILE)
    assert reading.tables["read_statements"]["account_identifier"].to_pylist() == ["011/4711"]


def test_a_moroccan_iban_is_its_rib_and_a_wrong_key_is_refused(tmp_path: Path) -> None:
    for iban, told, kept in (
        ("MA64" + RIB, [], (RIB, "proven")),
        ("MA64" + RIB[:-1] + "2", ["account_wrong"], ("MA64" + RIB[:-1] + "2", "broken")),
    ):
        rows = [movement("-250,50", account=iban), movement("100,00", account=iban)]
        reading = read(
            write(tmp_path, [statement("1000,00", "250,50", "100,00", "849,50", account=iban)], rows), PROFILE
        )
        assert [problem.code for problem in reading.problems] == told
        (row,) = reading.tables["read_statements"].to_pylist()
        assert (row["account_identifier"], row["proof_code"]) == kept


@pytest.mark.parametrize("day", ["05.01.24", "05.01.2024"])
@pytest.mark.parametrize("debit", ["250,50", "-250,50", "250,50-"])
def test_years_and_signs_are_read_as_banks_write_them(tmp_path: Path, day: str, debit: str) -> None:
    reading = read(write(tmp_path, [statement("1000,00", debit, "100,00", "849,50", day=day)]), PROFILE)
    assert (proofs(reading), codes(reading)) == ([("proven", 100000, 84950, 2)], [])


def test_one_centime_off_is_seen_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [statement("1000,00", "250,50", "100,00", "849,51"), statement("0,00", "0,00", "5,00", "5,00", "0013")]
    reading = read(write(tmp_path, rows, [*MOVES, movement("5,00", number="13")]), PROFILE)
    assert [proof[0] for proof in proofs(reading)] == ["unbalanced", "proven"]
    assert reading.tables["read_statements"]["difference_centimes"].to_pylist() == [1, 0]


@pytest.mark.parametrize(
    ("statements", "movements", "told"),
    [
        (GOOD, [MOVES[0], movement("100,001")], ("amount_not_exact", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], movement("100.00")], ("statement_amount_wrong", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], movement("")], ("statement_amount_wrong", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], movement("100,00", value="30.02.24")], ("multicash_field", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], movement("100,00", posted="demain")], ("multicash_field", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], MOVES[1][:40]], ("multicash_line", "UMSATZ.TXT:2")),
        (GOOD, [MOVES[0], "011"], ("multicash_line", "UMSATZ.TXT:2")),
        ([statement("1000,00", "250,50", "100,00", "849,505")], MOVES, ("amount_not_exact", "AUSZUG.TXT:1")),
        ([statement("1000,00", "250,50", "100,00", "849,50", day="5/1")], MOVES, ("multicash_field", "AUSZUG.TXT:1")),
        ([statement("1000,00", "250,50", "100,00", "849,50", count="x")], MOVES, ("multicash_field", "AUSZUG.TXT:1")),
        (GOOD * 2, MOVES, ("multicash_twice", "AUSZUG.TXT:2")),
        ([GOOD[0].replace(";MAD;", ";;")], MOVES, ("statement_currency_missing", "AUSZUG.TXT:1")),
    ],
)  # fmt: skip
def test_a_wrong_row_breaks_its_statement_and_says_where(
    tmp_path: Path, statements: object, movements: object, told: tuple[str, str]
) -> None:
    reading = read(write(tmp_path, statements, movements), PROFILE)
    assert {proof[0] for proof in proofs(reading)} == {"broken"}
    assert codes(reading) == [told]
    assert reading.problems[0].message("fr")
    assert reading.problems[0].remedy("en")


def test_a_movement_of_no_statement_is_told(tmp_path: Path) -> None:
    reading = read(write(tmp_path, GOOD, [*MOVES, movement("1,00", number="99")]), PROFILE)
    assert (proofs(reading)[0][0], codes(reading)) == ("proven", [("multicash_orphan", "UMSATZ.TXT:3")])


def test_totals_that_differ_though_balances_hold_are_a_warning(tmp_path: Path) -> None:
    moves = [*MOVES, movement("7,00"), movement("-7,00")]
    reading = read(write(tmp_path, GOOD, moves), PROFILE)
    assert (proofs(reading)[0][0], codes(reading)) == ("proven", [("multicash_totals", "AUSZUG.TXT:1")])
    assert reading.problems[0].severity == "warning"


def test_one_of_the_two_alone_says_which_is_missing(tmp_path: Path) -> None:
    alone = write(tmp_path, GOOD, None)
    reading = read(alone, PROFILE)
    assert (proofs(reading)[0][0], [p.values["missing"] for p in reading.problems]) == ("broken", ["UMSATZ.TXT"])
    alone.unlink()
    write(tmp_path, None, MOVES)
    reading = read(tmp_path / "UMSATZ.TXT", PROFILE)
    assert (proofs(reading), [p.values["missing"] for p in reading.problems]) == ([], ["AUSZUG.TXT"])


def test_the_pair_is_found_whatever_is_around_its_name_and_whatever_its_case(tmp_path: Path) -> None:
    path = write(tmp_path, name="x_AUSZUG1.TXT")
    (tmp_path / "x_UMSATZ1.TXT").rename(tmp_path / "X_umsatz1.txt")
    assert proofs(read(path, PROFILE))[0][0] == "proven"
    with pytest.raises(ReadingError, match="neither"):
        read(write(tmp_path, name="releve.txt"), PROFILE)
    profiles = load_profiles(PROJECT / "data" / "profiles")
    assert {profile_for(tmp_path / name, profiles).name for name in ("auszug.txt", "UMSATZ_01.TXT")} == {"multicash"}


def test_a_day_without_movement_has_an_empty_file_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path, [statement("5,00", "0,00", "0,00", "5,00")], [])
    assert proofs(read_file(path, PROFILE)) == [("proven", 500, 500, 0)]
    assert codes(read_file(tmp_path / "UMSATZ.TXT", PROFILE)) == [("multicash_pair", "UMSATZ.TXT")]


def test_movements_in_another_encoding_are_told_under_their_own_name(tmp_path: Path) -> None:
    profile = PROFILE.model_copy(update={"encoding": "utf-8"})
    reading = read(write(tmp_path, GOOD, [movement("-150,50", "RÉGIE")]), profile)
    assert (proofs(reading)[0][0], codes(reading)) == ("broken", [("file_unreadable", "UMSATZ.TXT:1")])


def test_an_import_books_the_pair_once_and_sees_new_movements_beside_old_balances(tmp_path: Path) -> None:
    inbox, office = tmp_path / "inbox", tmp_path / "office"
    inbox.mkdir()
    store.create_office(office)
    path = write(inbox, GOOD, [MOVES[0]])
    files, profiles = [path, inbox / "UMSATZ.TXT"], {"multicash": PROFILE}
    assert [row["status"] for row in import_files(office, files, profiles, "test").statements] == ["refused"]
    write(inbox)  # the same balances, whose movements are whole at last
    report = import_files(office, files, profiles, "test")
    assert [row["status"] for row in report.statements] == ["booked"]
    assert report.exit_code == 0
    assert import_files(office, files, profiles, "test").row_counts == {}
    write(inbox, GOOD, [MOVES[0], movement("100,00", "REMISE RECTIFIEE")])
    assert [row["status"] for row in import_files(office, files, profiles, "test").statements] == ["held"]


@given(st.text(st.characters(codec="latin-1", exclude_characters="\0"), max_size=300), st.booleans())
def test_no_text_makes_it_fall(tmp_path_factory: pytest.TempPathFactory, text: str, in_movements: bool) -> None:
    path = write(tmp_path_factory.mktemp("fuzz"), GOOD, MOVES)
    spoilt = path.with_name("UMSATZ.TXT") if in_movements else path
    spoilt.write_bytes(spoilt.read_bytes() + text.encode("latin-1"))
    try:
        reading = read_file(path, PROFILE)
    except ReadingError:
        return
    assert reading.problems or proofs(reading)
