"""Mirrors intake/formats/camt_entries.py, camt_columns.py and camt_shapes.py: batches, texts, references, entries not booked."""

from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.intake.formats.camt_messages import detail, document, entry, statement
from workbench.intake.formats import camt, camt_shapes
from workbench.intake.formats.camt import read
from workbench.intake.formats.camt_shapes import FIELDS, Shapes
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading

PROFILE = Profile(name="camt", format="camt", files=("*",))


def reading_of(folder: Path, *statements: str, **changes: str) -> Reading:
    path = folder / "releve.xml"
    path.write_text(document(*statements, **changes), encoding="utf-8")
    return read(path, PROFILE)


def lines(reading: Reading, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[c] for c in columns) for row in reading.tables["read_lines"].to_pylist()]


def test_a_batch_whose_details_add_up_is_its_details(tmp_path: Path) -> None:
    parts = [
        detail("60.00", debtor="AMAL", text="FACTURE 1", ref="E1"),
        detail("50.00", debtor="BADR", text="FACTURE 2", ref="NOTPROVIDED"),
        detail("10.00", "DBIT", creditor="BANQUE", text="FRAIS"),
    ]
    reading = reading_of(tmp_path, statement(entry("100.00", details="".join(parts)), closing="100.00"))
    assert lines(reading, "amount_centimes", "counterparty", "label", "reference", "details") == [
        (6000, "AMAL", "FACTURE 1", "E1", "VIREMENT RECU"),
        (5000, "BADR", "FACTURE 2", "BANQUE-1", "VIREMENT RECU"),
        (-1000, "BANQUE", "FRAIS", "BANQUE-1", "VIREMENT RECU"),
    ]
    assert {day for (day,) in lines(reading, "booking_date")} == {date(2024, 1, 3)}
    (row,) = reading.tables["read_statements"].to_pylist()
    assert (row["proof_code"], row["movement_count"]) == ("proven", 3)


@pytest.mark.parametrize(
    "parts",
    [
        [detail("60.00", text="A"), detail("39.99", text="B")],
        [detail("60.00", text="A"), detail(text="B")],
        [detail("60.00", text="A"), detail("40.00", text="B").replace("MAD", "EUR")],
        [detail("60.005", text="A"), detail("39.995", text="B")],
        [detail("60.00", "?", text="A"), detail("40.00", text="B")],
    ],
)
def test_a_batch_whose_details_do_not_add_up_stays_one_line(tmp_path: Path, parts: list[str]) -> None:
    batch = "<Btch><PmtInfId>LOT-7</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>"
    reading = reading_of(tmp_path, statement(entry("100.00", details=batch + "".join(parts)), closing="100.00"))
    assert lines(reading, "amount_centimes", "label", "reference", "details") == [
        (10000, "VIREMENT RECU", "LOT-7", "A B")
    ]
    assert reading.tables["read_statements"]["proof_code"].to_pylist() == ["proven"]


def test_the_amounts_of_version_2_stand_deeper(tmp_path: Path) -> None:
    parts = [
        detail(text=text).replace(
            "<RmtInf>", f'<AmtDtls><TxAmt><Amt Ccy="MAD">{amount}</Amt></TxAmt></AmtDtls><RmtInf>'
        )
        for amount, text in (("60", "A"), ("40.0", "B"))
    ]
    reading = reading_of(tmp_path, statement(entry("100.00", details="".join(parts)), closing="100.00"))
    assert lines(reading, "amount_centimes", "label") == [(6000, "A"), (4000, "B")]


def test_an_only_detail_speaks_for_its_entry_whatever_its_amount(tmp_path: Path) -> None:
    only = detail("999.00", debtor="A & B <SARL>", text="FACTURE  1\n \u00e9t\u00e9", ref="E1").replace(
        " & ", " &amp; "
    )
    only = only.replace("<SARL>", "&lt;SARL&gt;")
    reading = reading_of(tmp_path, statement(entry("100.00", details=only), closing="100.00"))
    assert lines(reading, "amount_centimes", "counterparty", "label", "reference", "details") == [
        (10000, "A & B <SARL>", "VIREMENT RECU", "E1", "FACTURE 1 \u00e9t\u00e9")
    ]


def test_texts_that_stand_several_times_are_joined_and_said_once(tmp_path: Path) -> None:
    only = detail(text="VIREMENT").replace("</Ustrd>", "</Ustrd><Ustrd>RECU</Ustrd>")
    only = only.replace("</RmtInf>", "<Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>")
    reading = reading_of(tmp_path, statement(entry("1.00", details=only), closing="1.00"))
    assert lines(reading, "label", "reference", "details") == [("VIREMENT RECU", "BANQUE-1", "RF18")]


def test_the_codes_of_the_bank_stand_where_there_are_no_standard_ones(tmp_path: Path) -> None:
    own = entry("1.00").replace("<BkTxCd><Domn>", "<BkTxCd><Prtry><Cd>166</Cd><Issr>B</Issr></Prtry></BkTxCd><X><Domn>")
    own = own.replace("</BkTxCd>\n", "</X>\n")
    reading = reading_of(tmp_path, statement(own, entry("1.00"), closing="2.00"))
    assert lines(reading, "operation_code") == [("166",), ("PMNT-RCDT-ESCT",)]


def test_what_the_bank_has_not_booked_stands_beside_and_is_told(tmp_path: Path) -> None:
    text = statement(
        entry("1.00"),
        entry("5.00", status="PDNG"),
        entry("7.00", status="INFO"),
        entry("9.00", status="FUTR"),
        closing="1.00",
    )
    reading = reading_of(tmp_path, text)
    shown = ("statement_index", "is_interim", "proof_code", "movement_count", "closing_date")
    assert [tuple(row[c] for c in shown) for row in reading.tables["read_statements"].to_pylist()] == [
        (0, False, "proven", 1, date(2024, 1, 3)),
        (1, True, "no_balances", 2, date(2024, 1, 3)),
    ]
    assert lines(reading, "statement_index", "amount_centimes") == [(0, 100), (1, 500), (1, 900)]
    assert [(p.code, p.severity, p.values["count"]) for p in reading.problems] == [("camt_entries_pending", "noted", 3)]


def test_a_report_of_the_day_is_interim(tmp_path: Path) -> None:
    text = statement(entry("1.00"), entry("2.00", status="PDNG"), balances="")
    report = text.replace("Stmt>", "Rpt>")
    reading = reading_of(tmp_path, report, namespace="urn:iso:std:iso:20022:tech:xsd:camt.052.001.06")
    shown = ("format_code", "is_interim", "proof_code", "movement_count", "closing_date")
    assert [tuple(row[c] for c in shown) for row in reading.tables["read_statements"].to_pylist()] == [
        ("camt052", True, "no_balances", 1, date(2024, 1, 5)),
        ("camt052", True, "no_balances", 1, date(2024, 1, 5)),
    ]


def test_a_batch_of_columns_ends_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        statement(*[entry(f"{n}.01") for n in range(count)], closing=f"{sum(range(count))}.{count:02d}")
        for count in (3, 0, 4)
    ]
    whole = reading_of(tmp_path, *texts)
    for size in (1, 2, 3):
        monkeypatch.setattr(camt, "_BATCH", size)
        again = reading_of(tmp_path, *texts)
        assert again.tables["read_lines"].to_pylist() == whole.tables["read_lines"].to_pylist()
        assert again.tables["read_statements"].to_pylist() == whole.tables["read_statements"].to_pylist()
    assert set(whole.tables["read_statements"]["proof_code"].to_pylist()) == {"proven"}


def test_sums_beyond_what_can_be_kept_break_the_statement(tmp_path: Path) -> None:
    most = "92233720368547758.07"
    reading = reading_of(tmp_path, statement(entry(most), entry(most), entry(most, "DBIT"), closing=most))
    assert reading.tables["read_statements"]["proof_code"].to_pylist() == ["broken"]
    assert [p.code for p in reading.problems] == ["statement_amount_wrong"]


TAGS = (
    "Amt",
    "CdtDbtInd",
    "Sts",
    "Cd",
    "NtryDtls",
    "TxDtls",
    "Refs",
    "EndToEndId",
    "RmtInf",
    "Ustrd",
    "BookgDt",
    "Dt",
    "X",
)


@given(st.integers(0, 10**9))
def test_fields_are_those_that_a_walk_through_the_tree_finds(seed: int) -> None:
    chance = Random(seed)
    root = etree.Element("{urn:x}Ntry")
    nodes = [root]
    for _ in range(chance.randint(0, 14)):
        node = etree.SubElement(chance.choice(nodes), "{urn:x}" + chance.choice(TAGS), Ccy="<&\">'")
        node.text = chance.choice([None, "a<b", "&", ">", "]]>", " c "])
        nodes.append(node)
    shape, pieces = Shapes().of(etree.fromstring(etree.tostring(root)))
    row = dict(zip(FIELDS, shape.cut(pieces), strict=True))

    def found(path: str) -> list[str]:
        texts = [each.text or "" for each in root.findall("/".join(f"{{urn:x}}{name}" for name in path.split("/")))]
        return [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in texts]

    details = root.findall("{urn:x}NtryDtls/{urn:x}TxDtls")
    for field, paths in (("amount", ("Amt",)), ("status", ("Sts", "Sts/Cd")), ("booking_date", ("BookgDt/Dt",))):
        texts = [text for path in paths for text in found(path)]
        assert row[field] in [*texts, ""]
        if len(texts) == 1 and not len(root.find("{urn:x}" + paths[0].split("/")[0])):
            assert row[field] == texts[0]
    if len(details) == 1:
        texts = [text for text in found("NtryDtls/TxDtls/RmtInf/Ustrd") if text.strip()]
        assert sorted(row["remittance"].split()) == sorted(" ".join(texts).split())
    assert len(shape.details) == (len(details) if len(details) > 1 else 0)


def test_the_memory_of_shapes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt_shapes, "_MOST_SHAPES", 4)
    shapes = Shapes()
    for number in range(20):
        shapes.of(etree.fromstring(f'<Ntry><Amt Ccy="C{number}">1</Amt></Ntry>'))
    assert len(shapes._known) <= 4
