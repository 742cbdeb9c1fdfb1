"""Mirrors intake/formats/tabular.py, filling.py and grid.py."""

import csv as python_csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.test_profiles import WRITE_OFFS, profile
from workbench.errors import ReadingError
from workbench.intake.profiles import load_profiles
from workbench.intake.reading import Reading, read_file

PROJECT = Path(__file__).resolve().parents[3]


def csv(folder: Path, text: str, encoding: str = "cp1252") -> Path:
    path = folder / "nv_2024.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_amounts_dates_and_leading_zeros_are_read_as_written(tmp_path: Path) -> None:
    path = csv(tmp_path, "Numéro;Facture;Date;Montant\n001;0007;31/12/2024;1\u00a0234,56\n=1+1;0008;01/01/2024;-0,5\n")
    rows = read_file(path, profile(tmp_path)).tables["write_offs"].to_pylist()
    assert [(r["write_off_id"], r["invoice_id"], r["write_off_date"], r["amount_centimes"]) for r in rows] == [
        ("001", "0007", date(2024, 12, 31), 123456),
        ("=1+1", "0008", date(2024, 1, 1), -50),
    ]


def test_every_fault_comes_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        "Numéro;Facture;Date;Montant\n1;A;31/02/2024;1,00\n2;B;01/01/2024;12..3\n3;C;01/01/2024\n4;D;01/01/2024;1,234\n"
    )
    problems = read_file(csv(tmp_path, text), profile(tmp_path)).problems
    assert sorted((p.code, p.line_number) for p in problems) == [
        ("amount_not_exact", 5), ("amount_unreadable", 3), ("date_unreadable", 2), ("row_width", 4),
    ]  # fmt: skip


def test_a_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match=r"no column « Facture », « Montant »; it has Numéro, Date"):
        read_file(csv(tmp_path, "Numéro;Date\n1;01/01/2024\n"), profile(tmp_path))


HEADER = "Numéro;Facture;Date;Montant\n"


def told(found: Reading) -> list[tuple[str, int | None]]:
    return sorted((p.code, p.line_number or 0) for p in found.problems)


def test_lines_are_those_of_the_file_whatever_breaks_and_blanks_it_has(tmp_path: Path) -> None:
    text = (
        "Relevé au 31/12\n\n"
        + HEADER
        + '\n1;"A\nB";01/01/2024;1\n;;;\n2;"C ""x""";01/01/2024;x\n\n3;D;1/2\n;;\n4;E;2024;1\n'
    )
    found = read_file(csv(tmp_path, text), profile(tmp_path).model_copy(update={"header_row": 3}))
    assert told(found) == [("amount_unreadable", 8), ("date_unreadable", 12), ("row_width", 10)]
    assert found.tables["write_offs"]["invoice_id"].to_pylist() == ["A\nB", 'C "x"', "E"]


def test_keys_that_repeat_and_codes_unknown_are_told_with_their_line(tmp_path: Path) -> None:
    notes = """
format = "csv"
files = ["*"]
table = "credit_notes"
[columns]
credit_note_id = "N"
customer_code = "C"
credit_kind_code = "K"
credit_date = "D"
amount_ttc_centimes = "M"
[constants]
currency_code = "MAD"
[codes.credit_kind_code]
AV = "credit_note"
"""
    text = "N;C;K;D;M\n1;007;AV;01/01/2024;5\n1;007;AV;01/01/2024;5\n2;;XX;01/01/2024;5\n"
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, notes))
    assert told(found) == [("code_unknown", 4), ("key_repeated", 3), ("value_missing", 4)]
    assert found.tables["credit_notes"]["credit_kind_code"].to_pylist() == ["credit_note", "credit_note", "XX"]


def test_texts_stay_as_written(tmp_path: Path) -> None:
    texts = ["=cmd|'/c calc'!A1", "@SUM(1)", "-2+3", "\u202eabc\u202c", "<script>", "-"]
    rows = "".join(f"{n};{text};01/01/2024;1\n" for n, text in enumerate(texts))
    utf8 = profile(tmp_path, WRITE_OFFS.replace("cp1252", "utf-8"))
    found = read_file(csv(tmp_path, HEADER + rows, "utf-8"), utf8)
    assert found.problems == []
    assert found.tables["write_offs"]["invoice_id"].to_pylist() == texts


def test_arabic_in_its_own_encoding(tmp_path: Path) -> None:
    arabic = profile(tmp_path, WRITE_OFFS.replace("cp1252", "cp1256").replace("Numéro", "الرقم"))
    found = read_file(csv(tmp_path, HEADER.replace("Numéro", "الرقم") + "1;مكناس;01/01/2024;1\n", "cp1256"), arabic)
    assert found.tables["write_offs"]["invoice_id"].to_pylist() == ["مكناس"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.234.567,8-", -123456780),
        ("-1.234,50", -123450),
        ("+12", 1200),
        ("12,500", 1250),
        ("1,234.56", None),
        ("12.34", None),
        ("1.23.456", None),
        ("--1", None),
        ("", None),
    ],
)
def test_amounts_follow_the_marks_declared(tmp_path: Path, written: str, read: int | None) -> None:
    dotted = profile(tmp_path, WRITE_OFFS.replace('encoding = "cp1252"', 'encoding = "cp1252"\nthousands = "."'))
    found = read_file(csv(tmp_path, f"{HEADER}1;A;01/01/2024;{written}\n"), dotted)
    assert found.tables["write_offs"]["amount_centimes"].to_pylist() == [read]
    assert [p.line_number for p in found.problems] == ([] if read else [2])


def test_two_columns_of_one_name_and_broken_quotes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match=r"several columns « Date »"):
        read_file(csv(tmp_path, "Date;Date\n1;2\n"), profile(tmp_path))
    endless = HEADER + '1;"A;01/01/2024;1\n' + "2;B;01/01/2024;1\n" * 9000
    with pytest.raises(ReadingError, match="no table"):
        read_file(csv(tmp_path, endless), profile(tmp_path))
    with pytest.raises(ReadingError, match="no table"):
        read_file(csv(tmp_path, HEADER + '1;"' + ("x" * 1000 + "\n") * 20_000), profile(tmp_path))
    with pytest.raises(ReadingError, match="line 2 is longer"):
        read_file(csv(tmp_path, HEADER + "x" * 2_000_000), profile(tmp_path))
    with pytest.raises(ReadingError, match="3001 columns"):
        read_file(csv(tmp_path, "x;" * 3000 + "x\n"), profile(tmp_path))
    with pytest.raises(ReadingError, match="no header"):
        read_file(csv(tmp_path, "\n\n"), profile(tmp_path))


def test_a_fault_without_end_is_counted(tmp_path: Path) -> None:
    found = read_file(
        csv(tmp_path, HEADER + "1;A;01/01/2024;?\n" + "x;A\n" * 150 + "2;B;hier;1\n" * 150), profile(tmp_path)
    )
    counts = [(p.code, p.values["count"]) for p in found.problems if p.code == "more_of_the_same"]
    assert ("more_of_the_same", 50) in counts
    assert all(p.message("fr") and p.remedy("en") for p in found.problems)
    assert ("date_unreadable", 153) in told(found)


def test_rows_that_do_not_count_are_left_and_equal_ones_are_one(tmp_path: Path) -> None:
    text = WRITE_OFFS.replace(
        "[targets.columns]", 'distinct = true\n[targets.where]\nNature = ["NV"]\n[targets.columns]'
    )
    rows = "Numéro;Facture;Date;Montant;Nature\n1;A;01/01/2024;1;NV\n1;A;01/01/2024;1;NV\n2;B;01/01/2024;1;AV\n1;A;01/01/2024;2;NV\n"
    found = read_file(csv(tmp_path, rows), profile(tmp_path, text))
    assert found.tables["write_offs"]["amount_centimes"].to_pylist() == [100, 200]
    assert told(found) == [("key_repeated", 5)]


LIST = """
format = "csv"
files = ["*"]
table = "read_lines"
[sign]
rule = "debit_credit"
debit = "Débit"
credit = "Crédit"
[columns]
booking_date = ["Date opération", "Date"]
currency_code = "Devise"
label = "Libellé"
"""


def test_a_bank_list_is_a_statement_an_account_and_currency_that_nothing_proves(tmp_path: Path) -> None:
    text = "Date;Libellé;Débit;Crédit;Devise\n02/01/2024;a;1,50;0,00;MAD\n01/01/2024;b;;2;EUR\n03/01/2024;c;;3;MAD\n"
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, LIST))
    assert found.problems == []
    statements = found.tables["read_statements"].to_pylist()
    wanted = ("account_identifier", "currency_code", "movement_count", "proof_code", "opening_date", "line_number")
    assert [tuple(s[name] for name in wanted) for s in statements] == [
        ("nv_2024", "MAD", 2, "no_balances", date(2024, 1, 2), 2),
        ("nv_2024", "EUR", 1, "no_balances", date(2024, 1, 1), 3),
    ]
    lines = found.tables["read_lines"].to_pylist()
    assert [(r["statement_index"], r["line_number"], r["amount_centimes"]) for r in lines] == [
        (0, 2, -150), (1, 3, 200), (0, 4, 300),
    ]  # fmt: skip


def test_a_list_with_an_account_or_a_currency_left_empty_is_broken_and_says_where(tmp_path: Path) -> None:
    named = LIST.replace("[columns]", '[columns]\naccount_identifier = "RIB"')
    text = "RIB;Date;Libellé;Débit;Crédit;Devise\nA;02/01/2024;a;1;;MAD\n;02/01/2024;a;1;;MAD\nA;02/01/2024;a;1;;\n"
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, named))
    assert ("value_missing", 3) in told(found)
    assert ("value_missing", 4) in told(found)
    assert set(found.tables["read_statements"]["proof_code"].to_pylist()) == {"broken"}


def test_a_list_with_a_fault_is_broken(tmp_path: Path) -> None:
    text = "Date;Libellé;Débit;Crédit;Devise\n02/01/2024;a;1;2;MAD\n02/01/2024;a;-1;;MAD\n02/01/2024;a;;;MAD\n"
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, LIST))
    assert told(found) == [("debit_or_credit", 2), ("debit_or_credit", 4), ("debit_sign", 3)]
    assert found.tables["read_statements"]["proof_code"].to_pylist() == ["broken"]
    negative = LIST.replace('credit = "Crédit"', 'credit = "Crédit"\ndebit_written = "negative"')
    path = csv(tmp_path, "Date;Libellé;Débit;Crédit;Devise\n02/01/2024;a;-1;;MAD\n", "utf-8")
    assert read_file(path, profile(tmp_path, negative)).tables["read_lines"]["amount_centimes"].to_pylist() == [-100]


def test_a_column_says_the_sign_and_an_unknown_word_is_told(tmp_path: Path) -> None:
    by_column = LIST.replace(
        'rule = "debit_credit"\ndebit = "Débit"\ncredit = "Crédit"',
        'rule = "by_column"\ncolumn = "Sens"\nnegative = ["D"]\npositive = ["C"]',
    ).replace("[columns]", '[columns]\namount_centimes = "Montant"')
    text = "Date;Libellé;Montant;Sens;Devise\n02/01/2024;a;1;D;MAD\n02/01/2024;a;2;C;MAD\n02/01/2024;a;3;S;MAD\n"
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, by_column))
    assert found.tables["read_lines"]["amount_centimes"].to_pylist() == [-100, 200, 300]
    assert told(found) == [("sign_unknown", 4)]
    negated = by_column.replace("by_column", "negated")
    found = read_file(csv(tmp_path, text, "utf-8"), profile(tmp_path, negated))
    assert found.tables["read_lines"]["amount_centimes"].to_pylist() == [-100, -200, -300]


def test_the_name_of_the_file_may_say_its_account(tmp_path: Path) -> None:
    named = LIST.replace("table =", "name_pattern = 'nv_(?P<account>[0-9]+)'\ntable =").replace(
        "[columns]", '[columns]\naccount_identifier = "{name.account}"'
    )
    path = csv(tmp_path, "Date;Libellé;Débit;Crédit;Devise\n02/01/2024;a;1;;MAD\n", "utf-8")
    assert read_file(path, profile(tmp_path, named)).tables["read_statements"]["account_identifier"].to_pylist() == [
        "2024"
    ]
    other = path.rename(tmp_path / "nv_x.csv")
    assert told(read_file(other, profile(tmp_path, named))) == [("value_missing", 2)]


def test_real_bank_lists(real_data: Path) -> None:
    known = load_profiles(PROJECT / "data" / "profiles")
    folder = real_data / "bank" / "csv"
    eu = read_file(folder / "csv_european_decimals.csv", known["bank_list_eu"])
    assert (eu.problems, eu.tables["read_lines"]["amount_centimes"].to_pylist()) == ([], [-123456, 350000, -450])
    assert eu.tables["read_statements"]["account_identifier"].to_pylist() == ["DE89370400440532013000"]
    fr = read_file(folder / "csv_french_headers.csv", known["bank_list_fr"])
    assert (fr.problems, fr.tables["read_lines"]["amount_centimes"].to_pylist()) == ([], [-123456, 350000, -450])
    bad = read_file(folder / "csv_garbled_amount.csv", known["bank_list_en"])
    assert told(bad) == [("amount_unreadable", 3)]
    assert bad.tables["read_statements"]["proof_code"].to_pylist() == ["broken"]


def test_the_receivables_sample_fills_four_tables_to_the_cent(real_data: Path) -> None:
    path = real_data / "receivables" / "ibm_accounts_receivable.csv"
    found = read_file(path, load_profiles(PROJECT / "data" / "profiles")["ibm_receivables"])
    assert found.problems == []
    with open(path, newline="", encoding="utf-8") as handle:
        rows = list(python_csv.DictReader(handle))
    total = sum(Decimal(row["InvoiceAmount"]) for row in rows)
    assert {name: len(t) for name, t in found.tables.items()} == {
        "customers": len({row["customerID"] for row in rows}), "invoices": 2466, "payments": 2466, "allocations": 2466,
    }  # fmt: skip
    assert Decimal(sum(found.tables["invoices"]["amount_ttc_centimes"].to_pylist())) / 100 == total
    last = max(datetime.strptime(row["SettledDate"], "%m/%d/%Y").date() for row in rows)  # noqa: DTZ007
    assert max(found.tables["payments"]["receipt_date"].to_pylist()) == last


def test_a_hundred_thousand_rows_come_in_by_columns(tmp_path: Path) -> None:
    body = "".join(
        f"{n};F{n};{n % 28 + 1:02d}/01/2024;{n // 1000} {n % 1000:03d},{n % 100:02d}-\n" for n in range(1000, 101_000)
    )
    found = read_file(csv(tmp_path, HEADER + body), profile(tmp_path))
    assert found.problems == []
    assert sum(found.tables["write_offs"]["amount_centimes"].to_pylist()) == -sum(
        n * 100 + n % 100 for n in range(1000, 101_000)
    )
