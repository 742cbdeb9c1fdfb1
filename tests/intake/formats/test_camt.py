"""Mirrors intake/formats/camt.py and what it stands on: made messages here, real files where they are present."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.intake.formats.camt_messages import balance, detail, document, entry, statement
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, read_file

PROFILE = Profile(name="camt", format="camt", files=("*",))
GOOD = statement(entry("8.85"), entry("7.00", "DBIT"), opening="18.15", closing="20.00")


def write(folder: Path, content: str | bytes, name: str = "releve.xml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def reading_of(folder: Path, *statements: str, **changes: str) -> Reading:
    return read_file(write(folder, document(*statements, **changes)), PROFILE)


def proofs(reading: Reading) -> list[tuple[str, int | None, int | None, int]]:
    columns = ("proof_code", "opening_centimes", "closing_centimes", "movement_count")
    return [tuple(row[c] for c in columns) for row in reading.tables["read_statements"].to_pylist()]


def lines(reading: Reading, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[c] for c in columns) for row in reading.tables["read_lines"].to_pylist()]


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in reading.problems]


def line_of(path: Path, mark: str) -> int:
    text = path.read_text()
    return text.count("\n", 0, text.index(mark)) + 1


def test_a_statement_is_read_and_proven(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, GOOD)
    assert proofs(reading) == [("proven", 1815, 2000, 2)]
    assert reading.problems == []
    (row,) = reading.tables["read_statements"].to_pylist()
    assert (row["format_code"], row["account_identifier"], row["currency_code"], row["statement_number"]) == (
        "camt053",
        "011519000001205000534921",
        "MAD",
        "12",
    )
    assert (row["opening_date"], row["closing_date"], row["is_interim"]) == (
        date(2024, 1, 3),
        date(2024, 1, 3),
        False,
    )
    first = reading.tables["read_lines"].to_pylist()[0]
    assert first == {
        "statement_index": 0,
        "line_number": line_of(tmp_path / "releve.xml", "<Ntry>"),
        "booking_date": date(2024, 1, 3),
        "value_date": date(2024, 1, 4),
        "amount_centimes": 885,
        "operation_code": "PMNT-RCDT-ESCT",
        "label": "VIREMENT RECU",
        "reference": "BANQUE-1",
        "counterparty": None,
        "details": None,
    }


@pytest.mark.parametrize("version", range(2, 14))
def test_every_version_is_read_by_its_names(tmp_path: Path, version: int) -> None:
    text = document(GOOD, namespace=f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}")
    if version >= 8:
        text = text.replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
    assert proofs(read_file(write(tmp_path, text), PROFILE)) == [("proven", 1815, 2000, 2)]


def test_prefixes_comments_cdata_and_one_line_change_nothing(tmp_path: Path) -> None:
    plain = reading_of(tmp_path, GOOD)
    text = document(GOOD)
    prefixed = text.replace("</", "</c:").replace("<c:", "<").replace("<", "<c:").replace("<c:/", "</c:")
    prefixed = prefixed.replace("<c:?", "<?").replace("</c:c:", "</c:").replace("xmlns=", "xmlns:c=")
    dressed = text.replace("<Ntry>", "<Ntry><!-- a --><?b c?>").replace("VIREMENT RECU", "<![CDATA[VIREMENT RECU]]>")
    for other in (prefixed, dressed, text.replace("\n", "")):
        reading = read_file(write(tmp_path, other), PROFILE)
        assert proofs(reading) == proofs(plain), other[:300]
        shown = ("amount_centimes", "label", "reference", "operation_code", "value_date")
        assert lines(reading, *shown) == lines(plain, *shown)


def test_an_account_is_an_iban_or_the_rib_under_other(tmp_path: Path) -> None:
    iban = GOOD.replace("<Othr><Id>011519000001205000534921</Id></Othr>", "<IBAN>MA64011519000001205000534921</IBAN>")
    wrong, short = iban.replace("MA640115", "MA640116"), iban.replace("4921</IBAN>", "492</IBAN>")
    none = GOOD.replace("<Othr><Id>011519000001205000534921</Id></Othr>", "")
    reading = reading_of(tmp_path, GOOD, iban, wrong, short, none)
    assert reading.tables["read_statements"].select(["account_identifier", "proof_code"]).to_pylist() == [
        {"account_identifier": account, "proof_code": proof}
        for account, proof in (
            ("011519000001205000534921", "proven"),
            ("011519000001205000534921", "proven"),
            ("MA64011619000001205000534921", "broken"),
            ("MA6401151900000120500053492", "broken"),
        )
    ]
    assert [code for code, _ in codes(reading)] == ["account_wrong"] * 3
    assert reading.tables["read_lines"]["statement_index"].to_pylist() == [0, 0, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("reversal", ["", "true", "false", "1"])
def test_a_reversal_keeps_the_sign_written_and_turns_the_party(tmp_path: Path, reversal: str) -> None:
    one = entry("7.00", reversal=reversal, details=detail(debtor="PAYEUR", creditor="OFFICE"))
    reading = reading_of(tmp_path, statement(one, opening="0", closing="7.00"))
    party = "OFFICE" if reversal in ("true", "1") else "PAYEUR"
    assert lines(reading, "amount_centimes", "counterparty") == [(700, party)]
    assert proofs(reading) == [("proven", 0, 700, 1)]


def test_one_centime_off_is_seen_and_stops_no_other(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, GOOD.replace(">20.00<", ">20.01<"), GOOD)
    assert [proof[0] for proof in proofs(reading)] == ["unbalanced", "proven"]
    assert reading.tables["read_statements"]["difference_centimes"].to_pylist() == [1, 0]


def test_a_debit_balance_is_negative(tmp_path: Path) -> None:
    text = statement(entry("30.00", "DBIT"), opening="10.00", closing=("20.00", "DBIT"))
    assert proofs(reading_of(tmp_path, text)) == [("proven", 1000, -2000, 1)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (">8.85<", ">8.855<", "amount_not_exact"),
        (">20.00<", ">20.001<", "amount_not_exact"),
        (">8.85<", ">8,85<", "statement_amount_wrong"),
        (">8.85<", ">-8.85<", "statement_amount_wrong"),
        (">8.85<", "> <", "statement_amount_wrong"),
        (">8.85<", ">99999999999999999999<", "statement_amount_wrong"),
        (">8.85<", ">\u0668.\u0668\u0665<", "statement_amount_wrong"),
        (">20.00<", ">vingt<", "statement_amount_wrong"),
        ("<CdtDbtInd>DBIT", "<CdtDbtInd>DEBIT", "camt_entry_wrong"),
        ("<Sts>BOOK", "<Sts>BOOKED", "camt_entry_wrong"),
        ("<BookgDt><Dt>2024-01-03", "<BookgDt><Dt>2024-02-30", "statement_date_wrong"),
        ("<ValDt><Dt>2024-01-04", "<ValDt><Dt>04/01/2024", "statement_date_wrong"),
    ],
)
def test_what_cannot_be_read_breaks_its_statement_with_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    wrong = GOOD.replace(old, new, 1)
    reading = reading_of(tmp_path, wrong, GOOD)
    assert [proof[0] for proof in proofs(reading)] == ["broken", "proven"]
    (problem,) = reading.problems
    assert problem.code == code
    place = line_of(tmp_path / "releve.xml", new)
    assert problem.line_number is not None
    assert place - 6 <= problem.line_number <= place  # the line of the entry or balance that holds it
    assert problem.message("fr")


def test_a_balance_without_currency_and_a_currency_of_its_own(tmp_path: Path) -> None:
    foreign = GOOD.replace('<Amt Ccy="MAD">20.00', '<Amt Ccy="EUR">20.00')
    nowhere = GOOD.replace(' Ccy="MAD"', "").replace("<Ccy>MAD</Ccy>", "")
    reading = reading_of(tmp_path, foreign, nowhere, GOOD.replace("MAD", "EUR"))
    assert [proof[0] for proof in proofs(reading)] == ["broken", "broken", "proven"]
    assert [code for code, _ in codes(reading)] == ["statement_currencies", "statement_currency_missing"]
    assert reading.problems[0].values["currencies"] == "EUR, MAD"
    assert reading.tables["read_statements"]["currency_code"].to_pylist()[2] == "EUR"


def test_other_balances_prove_nothing_and_a_closing_given_twice_proves_less(tmp_path: Path) -> None:
    available = GOOD.replace("<Ntry>", balance("CLAV", "99.00") + balance("CLBD", "20.00") + "<Ntry>", 1)
    twice = GOOD.replace("<Ntry>", balance("CLBD", "21.00") + "<Ntry>", 1)
    missing = GOOD.replace("CLBD", "CLAV")
    reading = reading_of(tmp_path, available, twice, missing)
    assert [proof[0] for proof in proofs(reading)] == ["proven", "broken", "broken"]
    assert [code for code, _ in codes(reading)] == ["camt_balance_twice", "statement_balance_missing"]


# Opening, closing in hundredths, movements, proof and problem of the statements of each file. The closings of multi.statement and
# bankstatementparser are those of the sources' README; the others mix currencies or do not add up, on purpose.
KNOWN = {
    "bankstatementparser.camt.053.001.02.xml": ([("proven", 50000000, 43567850, 3)], []),
    "camt053.v2.all-balance-types.xml": ([("unbalanced", 101, 404, 1)], []),
    "camt053.v2.minimal.xml": ([("broken", 1815, -2700, 1)], ["statement_currencies"]),
    "camt053.v2.multi.statement.xml": ([("proven", 1815, 2700, 1), ("proven", 2700, 2000, 1)], []),
    "camt053.v2.with-party-ids.xml": ([("broken", 1815, -2700, 1)], ["statement_currencies"]),
    "camt053.v8.xml": ([("broken", 1815, -2700, 1)], ["statement_currencies"]),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_files_of_others(real_data: Path, name: str) -> None:
    reading = read_file(real_data / "bank" / "camt053" / name, PROFILE)
    assert (proofs(reading), [code for code, _ in codes(reading)]) == KNOWN[name]


def test_every_file_of_others_is_known(real_data: Path) -> None:
    assert {path.name for path in (real_data / "bank" / "camt053").glob("*.xml")} == set(KNOWN)


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"bankstatementparser.camt.053.001.02.xml"}))
def test_entries_are_those_that_their_own_reader_finds(real_data: Path, name: str) -> None:
    """The JSON beside each file is what another library read: amounts, signs, dates. It tells the entries of the last statement."""
    path = real_data / "bank" / "camt053" / name
    wanted = [
        (int(each["getAmount"]["getAmount"]), each["getBookingDate"]["0"][:10], each["getValueDate"]["0"][:10])
        for each in json.loads(path.with_suffix(".json").read_text())["getEntries"]
    ]
    found = lines(read_file(path, PROFILE), "amount_centimes", "booking_date", "value_date")
    assert wanted
    assert [(amount, str(booked), str(value)) for amount, booked, value in found][-len(wanted) :] == wanted
