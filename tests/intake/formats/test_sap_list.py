"""Mirrors intake/formats/sap_list.py and sap_frames.py: lists as SAP saves them, written here line by line."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import ReadingError
from workbench.intake.profiles import Profile, load_profiles
from workbench.intake.reading import Reading, read_file

PROFILES = load_profiles(Path(__file__).resolve().parents[3] / "data" / "profiles")
FBL5N = PROFILES["sap_fbl5n"]

FRENCH = """\
01.02.2024                    Liste des postes client                    Page   1

Client        10001
Société       1000
Nom           Commune fictive
Postes non soldés à la date clé 31.01.2024

-----------------------------------------------------------------------------------------------------------
|  |N° pièce  |Poste|Exercice|Type|Date pièce|Date compt.|Éch. nette|     Mnt en DI|Dev. int.|Réf. facture|
-----------------------------------------------------------------------------------------------------------
|  |1800000012|1    |    2023|DR  |05.03.2023| 05.03.2023|04.05.2023|    1.234,56  |MAD      |            |
|  |100000077 |2    |    2024|DZ  |10.01.2024| 10.01.2024|00.00.0000|      234,56- |MAD      |1800000012  |
-----------------------------------------------------------------------------------------------------------
|* |          |     |        |    |          |           |          |    1.000,00  |MAD      |            |
-----------------------------------------------------------------------------------------------------------
01.02.2024                    Liste des postes client                    Page   2
Client        10002
Société       2000
-----------------------------------------------------------------------------------------------------------
|  |N° pièce  |Poste|Exercice|Type|Date pièce|Date compt.|Éch. nette|     Mnt en DI|Dev. int.|Réf. facture|
-----------------------------------------------------------------------------------------------------------
|  |1800000013|1    |    2024|DR  |06.01.2024| 06.01.2024|06.03.2024|       50,00  |MAD      |            |
-----------------------------------------------------------------------------------------------------------
|* |          |     |        |    |          |           |          |       50,00  |MAD      |            |
|** Total général                                                   |    1.050,00  |MAD      |            |
-----------------------------------------------------------------------------------------------------------
"""


def reading(folder: Path, text: str = FRENCH, profile: Profile = FBL5N, encoding: str = "cp1252") -> Reading:
    path = folder / "FBL5N_2024.txt"
    path.write_bytes(text.encode(encoding))
    return read_file(path, profile)


def told(found: Reading) -> list[tuple[str, int | None]]:
    return sorted((p.code, p.line_number or 0) for p in found.problems)


def test_rows_of_two_companies_with_what_stands_above_their_frames(tmp_path: Path) -> None:
    found = reading(tmp_path)
    assert found.problems == []
    rows = found.tables["ledger_entries"].to_pylist()
    wanted = ("company_code", "customer_code", "document_number", "document_line", "fiscal_year", "amount_centimes")
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("1000", "10001", "1800000012", "001", 2023, 123456),
        ("1000", "10001", "0100000077", "002", 2024, -23456),
        ("2000", "10002", "1800000013", "001", 2024, 5000),
    ]
    assert [(row["document_date"], row["due_date"]) for row in rows[:2]] == [
        (date(2023, 3, 5), date(2023, 5, 4)),
        (date(2024, 1, 10), None),
    ]
    assert {(row["extract_scope_code"], row["extract_date"]) for row in rows} == {("open_items", date(2024, 1, 31))}


def test_a_residual_item_is_tied_to_the_one_invoice_that_fits(tmp_path: Path) -> None:
    rest = reading(tmp_path).tables["ledger_entries"].to_pylist()[1]
    source = (rest["source_document_number"], rest["source_fiscal_year"], rest["source_document_line"])
    assert source == ("1800000012", 2023, "001")


def test_a_residual_item_whose_invoice_is_elsewhere_is_noted(tmp_path: Path) -> None:
    found = reading(tmp_path, FRENCH.replace("|MAD      |1800000012  |", "|MAD      |1800000099  |"))
    assert [(p.code, p.severity, p.values["count"]) for p in found.problems] == [("sap_source_absent", "noted", 1)]
    assert found.tables["ledger_entries"].to_pylist()[1]["source_fiscal_year"] is None


def test_every_wrong_total_is_told_with_its_difference(tmp_path: Path) -> None:
    found = reading(
        tmp_path,
        FRENCH.replace(
            "       50,00  |MAD      |            |\n----", "       50,01  |MAD      |            |\n----", 1
        ),
    )
    assert told(found) == [("sap_total_wrong", 24), ("sap_total_wrong", 25)]
    assert {p.values["difference"] for p in found.problems} == {"-0.01"}


def test_totals_are_of_one_currency(tmp_path: Path) -> None:
    euros = FRENCH.replace("       50,00  |MAD ", "       50,00  |EUR ")
    assert told(reading(tmp_path, euros)) == [("sap_total_wrong", 25)]
    blank = euros.replace("    1.050,00  |MAD ", "    1.050,00  |    ")
    assert [(p.code, p.severity) for p in reading(tmp_path, blank).problems] == [("sap_total_mixed", "warning")]


@pytest.mark.parametrize(
    ("kept", "codes"),
    [
        (11, {"sap_list_unended"}),
        (14, {"sap_list_unended"}),
        (22, {"sap_list_unended", "sap_total_missing"}),
        (23, {"sap_total_missing"}),
        (25, {"sap_list_unended"}),
        (26, set()),
    ],
)
def test_a_list_that_was_cut_is_noticed(tmp_path: Path, kept: int, codes: set[str]) -> None:
    assert {code for code, _ in told(reading(tmp_path, "\n".join(FRENCH.splitlines()[:kept])))} == codes


def test_a_total_whose_amount_stands_nowhere_is_a_wrong_row(tmp_path: Path) -> None:
    found = reading(tmp_path, FRENCH.replace("|    1.050,00  |MAD ", "    1.050,00   |MAD "))
    assert ("sap_row_wrong", 25) in told(found)


def test_a_row_cut_or_edited_is_told_by_its_line(tmp_path: Path) -> None:
    found = reading(tmp_path, FRENCH.replace("|  |1800000013|1    |", "|  |1800000013|"))
    assert ("sap_row_wrong", 22) in told(found)


def test_a_mark_inside_a_text_is_no_column(tmp_path: Path) -> None:
    rows = reading(tmp_path, FRENCH.replace("|DZ  |", "|D|  |")).tables["ledger_entries"].to_pylist()
    assert rows[1]["document_type_code"] == "D|"


def test_english_labels_utf16_and_faults_of_cells(tmp_path: Path) -> None:
    english = """\
Open items at key date: 31/01/2024
|CoCd|Account |DocumentNo|Itm|Year|Doc. Date |Pstng Date|Net due dt|Amount in LC|LCurr|
|1000|00010001|1800000012|001|2023|05.03.2023|31.02.2023|04.05.2023|    1.234,56|MAD  |
|1000|00010001|1800000012|001|2023|05.03.2023|05.03.2023|04.05.2023|    1.234,5x|MAD  |
"""
    found = reading(tmp_path, english, FBL5N.model_copy(update={"encoding": "utf-16"}), "utf-16")
    assert told(found) == [("amount_unreadable", 4), ("date_unreadable", 3), ("key_repeated", 4)]
    assert found.tables["ledger_entries"]["customer_code"].to_pylist() == ["00010001"] * 2
    with pytest.raises(ReadingError, match=r"begins with the mark of utf-16, its profile says cp1252"):
        reading(tmp_path, english, FBL5N, "utf-16")


def test_a_list_says_what_it_holds(tmp_path: Path) -> None:
    sentence = "Postes non soldés à la date clé 31.01.2024"
    assert told(reading(tmp_path, FRENCH.replace(sentence, ""))) == [("sap_scope_unknown", 0)]
    assert told(reading(tmp_path, FRENCH.replace(" 31.01.2024\n", "\n"))) == [("sap_extract_date_unknown", 0)]
    every = reading(tmp_path, FRENCH.replace(sentence, "Tous les postes"))
    # Without a column of clearing, all items are no more than what was posted.
    assert every.problems == []
    assert set(every.tables["ledger_entries"]["extract_scope_code"].to_pylist()) == {"postings"}
    listed = "\n".join(line for line in FRENCH.splitlines() if "Total général" not in line) + "\n"
    layout = (
        listed.replace(sentence, "Tous les postes").replace("Type|", "Rappr.    |").replace("|    |", "|          |")
    )
    layout = layout.replace("|DR  |", "|          |").replace("|DZ  |", "|10.01.2024|")
    cleared = reading(tmp_path, layout)
    assert cleared.problems == []
    assert cleared.tables["ledger_entries"]["clearing_date"].to_pylist() == [None, date(2024, 1, 10), None]
    assert set(cleared.tables["ledger_entries"]["extract_scope_code"].to_pylist()) == {"all_items"}
    unknown = reading(tmp_path, layout.replace("Rappr.    ", "Dt compens"))
    assert [(p.code, p.severity, p.values["unread"]) for p in unknown.problems] == [
        ("sap_clearing_absent", "warning", "« Dt compens »")
    ]


def test_stars_may_fill_their_column(tmp_path: Path) -> None:
    narrow = FRENCH.replace("|** Total général ", "|**|Total général ")
    found = reading(tmp_path, narrow)
    assert found.problems == []
    assert found.tables["ledger_entries"].num_rows == 3
    assert told(reading(tmp_path, narrow.replace("1.050,00", "1.050,01"))) == [("sap_total_wrong", 25)]


def test_text_without_a_frame_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="N° pièce"):
        reading(tmp_path, "Aucun poste n'a été sélectionné\n")


def test_ledger_lists_have_their_account_above_the_frame(tmp_path: Path) -> None:
    text = """\
Compte général  51410000
Société         1000
Tous les postes
|N° pièce  |Poste|Exercice|Date compt.|    Mnt en DI|Dev. int.|Date pièce|
|5000000001|  3  |    2024| 05.01.2024|       10,00-|MAD      |05.01.2024|
"""
    path = tmp_path / "FBL3N_1.txt"
    path.write_bytes(text.encode("cp1252"))
    found = read_file(path, PROFILES["sap_fbl3n"])
    assert found.problems == []
    row = found.tables["ledger_entries"].to_pylist()[0]
    assert (row["account_code"], row["document_line"], row["amount_centimes"]) == ("51410000", "003", -1000)


def test_a_company_is_its_code_whatever_name_stands_beside_it(tmp_path: Path) -> None:
    named = reading(tmp_path, FRENCH.replace("Société       1000", "Société       1000 Branche fictive"))
    assert named.tables["ledger_entries"].equals(reading(tmp_path, FRENCH).tables["ledger_entries"])


def test_the_company_of_a_row_goes_before_the_one_that_stands_above_its_frame(tmp_path: Path) -> None:
    text = (
        FRENCH.replace("|  |N° pièce", "|Sté |N° pièce")
        .replace("|  |1800000012", "|3000|1800000012")
        .replace("|  |100000077 ", "|    |100000077 ")
    )
    text = (
        text.replace("|  |1800000013", "|2000|1800000013")
        .replace("|* |  ", "|*   |  ")
        .replace("|** Total général  ", "|** Total général    ")
    )
    found = reading(tmp_path, text)
    assert [problem.severity for problem in found.problems] == [
        "noted"
    ]  # the residual item's bill is of another company
    entries = found.tables["ledger_entries"]
    assert dict(zip(entries["document_number"].to_pylist(), entries["company_code"].to_pylist(), strict=True)) == {
        "1800000012": "3000",  # its own
        "0100000077": "1000",  # none of its own: that of the page
        "1800000013": "2000",
    }


SUPPLIERS = """\
02.01.2025                    Liste des postes fournisseur                Page   1

Société       1000
Postes non soldés à la date clé 31.12.2024

---------------------------------------------------------------------------------------------------------------
|  |Fournisseur|Nom 1  |N° pièce  |Poste|Exercice|Date compt.|Éch. nette|     Mnt en DI|Dev. int.|BlP|Domaine|
---------------------------------------------------------------------------------------------------------------
|  |200001     |ALPHA  |5100000001|1    |    2024| 05.11.2024|04.01.2025|    1.234,56- |MAD      |   |DR01   |
|  |200002     |BETA   |5100000002|1    |    2024| 10.11.2024|09.01.2025|       34,56- |MAD      |A  |DR01   |
---------------------------------------------------------------------------------------------------------------
|* |           |       |          |     |        |           |          |    1.269,12- |MAD      |   |       |
---------------------------------------------------------------------------------------------------------------
"""


def test_items_of_suppliers_go_to_a_table_of_their_own(tmp_path: Path) -> None:
    found = reading(tmp_path, SUPPLIERS, PROFILES["sap_fbl1n"])
    assert found.problems == []
    rows = found.tables["suppliers_due"].to_pylist()
    wanted = (
        "supplier_code",
        "document_number",
        "document_line",
        "amount_centimes",
        "payment_block_code",
        "center_code",
    )
    assert [tuple(row[name] for name in wanted) for row in rows] == [
        ("200001", "5100000001", "001", -123_456, None, "DR01"),
        ("200002", "5100000002", "001", -3_456, "A", "DR01"),
    ]
    assert {(row["extract_scope_code"], row["extract_date"]) for row in rows} == {("open_items", date(2024, 12, 31))}
    assert {row["clearing_date"] for row in rows} == {None}


def test_a_total_of_suppliers_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    wrong = reading(tmp_path, SUPPLIERS.replace("1.269,12-", "1.269,13-"), PROFILES["sap_fbl1n"])
    assert [(p.code, p.table_name) for p in wrong.problems] == [("sap_total_wrong", "suppliers_due")]


def test_all_items_of_suppliers_without_their_clearing_are_postings(tmp_path: Path) -> None:
    every = SUPPLIERS.replace("Postes non soldés à la date clé 31.12.2024", "Tous les postes")
    found = reading(tmp_path, every, PROFILES["sap_fbl1n"])
    assert set(found.tables["suppliers_due"]["extract_scope_code"].to_pylist()) == {"postings"}
