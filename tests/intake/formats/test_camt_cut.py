"""Mirrors intake/formats/camt_cut.py: what is cut out of a file reads as what its tree says, in any spelling, wherever it breaks."""

import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from tests.intake.formats.camt_messages import detail, document, entry, statement
from workbench.intake.formats import camt_stream
from workbench.intake.formats.camt import read
from workbench.intake.formats.camt_cut import Cut, Cutter
from workbench.intake.profiles import Profile

PROFILE = Profile(name="camt", format="camt", files=("*",))

# A way to write an entry otherwise: (text, its place taken by). Most mean the same, some break the file.
SPELLINGS = [
    ('Ccy="MAD"', "Ccy='MAD'"), ('Ccy="MAD"', 'Ccy = "MAD" x=">"'), ("VIREMENT RECU", "EAU &amp; PLUIE"), ("VIREMENT RECU", "L&apos;EAU &#233;"),
    ("VIREMENT RECU", "A > B"), ("VIREMENT RECU", "<![CDATA[<Ntry>1</Ntry>]]>"), ("VIREMENT RECU", "<!-- <Ntry> -->RECU"), ("VIREMENT RECU", "  "),
    ("VIREMENT RECU", "REÇU\u00a0€"), ("VIREMENT RECU", "<x:Nm>X</x:Nm>"), ("VIREMENT RECU", "<Ntry><Amt>1</Amt></Ntry>"), ("VIREMENT RECU", "&nbsp;"),
    ("VIREMENT RECU", "<Ntry a='1'/>"), ("VIREMENT RECU", "\x0b"), ("VIREMENT RECU", "]]>"), ("VIREMENT RECU", "<Nm>" * 240 + "</Nm>" * 240),
    ("<Ntry>", "<Ntry >"), ("<Ntry>", '<Ntry cut="0123456789abcdef">'), ("</Ntry>", "</Ntry >"), ("</Ntry>", "<!-- fin --></Ntry>"), ("</Ntry>", ""),
    ("<Ntry>", "<Ntry><Ntry>"), ("</Sts>", "</Sts >"), ("<Sts>BOOK</Sts>", "<Sts/>"), ("<Sts>BOOK</Sts>", "<Sts><Cd> BOOK </Cd>\n</Sts>"), ("\n", "\r\n"),
    ("<AcctSvcrRef>", '<AcctSvcrRef xmlns="urn:other">'), ("<Ntry>", "<?pi <Ntry> ?><Ntry>"), ("<Ntry>", "<?pi <Ntry>1</Ntry> ?><Ntry>"), ("<AcctSvcrRef>BANQUE-1</AcctSvcrRef>", "<AcctSvcrRef></AcctSvcrRef>"),
    ("<Amt ", "<Amt\n"), ("<BookgDt>", "<BookgDt >\t"), ("2024-01-04", "2024-01-99"), ("", ""),
]  # fmt: skip
ENTRIES = st.tuples(
    st.sampled_from([entry("8.85"), entry("7.00", "DBIT"), entry("1.00", status="PDNG"), entry("3.00", details=detail(debtor="STE EAU", text="FACTURE 1")),
                     entry("5.00", details=detail("2.00", "CRDT", debtor="A") + detail("3.00", "CRDT", text="B"))]),
    st.lists(st.sampled_from(SPELLINGS), max_size=2),
)  # fmt: skip


def told(folder: Path, content: bytes, chunk: int, is_cut: bool) -> tuple[Any, ...]:
    path = folder / "releve.xml"
    path.write_bytes(content)
    with mock.patch.object(camt_stream, "_CHUNK", chunk):
        if is_cut:
            reading = read(path, PROFILE)
        else:
            with mock.patch.object(Cutter, "_cut", lambda _self, data: data):
                reading = read(path, PROFILE)
    tables = [reading.tables[name].to_pylist() for name in ("read_statements", "read_lines")]
    return *tables, [(problem.code, problem.where) for problem in reading.problems]


@given(
    st.lists(ENTRIES, min_size=1, max_size=6),
    st.integers(80, 3000),
    st.one_of(st.none(), st.integers(0, 6000)),
)
@example([(entry("8.85"), []), (entry("7.00"), [("</Ntry>", "")]), (entry("1.00"), [])], 100, None)
def test_what_is_cut_reads_as_what_its_tree_says(
    written: list[tuple[str, list[tuple[str, str]]]], chunk: int, cut_at: int | None
) -> None:
    texts = []
    for text, spellings in written:
        for old, new in spellings:
            text = text.replace(old, new, 1) if old else text
        texts.append(text)
    content = document(statement(*texts, closing="8.85"), statement(entry("2.00"), closing="2.00")).encode()[:cut_at]
    with tempfile.TemporaryDirectory() as folder:
        with_cut, with_tree = (told(Path(folder), content, chunk, is_cut) for is_cut in (True, False))
    assert with_cut == with_tree


def through(content: bytes, chunk: int) -> tuple[Cutter, bytes]:
    cutter = Cutter()
    parts = [cutter.through(content[place : place + chunk]) for place in range(0, len(content), chunk)]
    return cutter, b"".join([*parts, cutter.through(b"")])


def test_a_plain_entry_is_cut_and_its_line_stays_a_line() -> None:
    content = document(statement(entry("8.85"), entry("7.00"), closing="15.85")).encode()
    for chunk, runs in ((40, 2), (97, 2), (100_000, 1)):
        cutter, left = through(content, chunk)
        assert left.count(b"<Ntry") == left.count(cutter.mark.encode()) == runs
        assert left.count(b"\n") == content.count(b"\n")
        root = etree.fromstring(left)
        line = content[: content.index(b"<Ntry>")].count(b"\n") + 1
        assert [cut for each in root.iter("{*}Ntry") for cut in cutter.entries(each)] == [
            Cut(entry("8.85").strip(), line), Cut(entry("7.00").strip(), line + entry("8.85").count("\n")),
        ]  # fmt: skip
        assert cutter.entries(root) == []


def test_the_mark_is_another_one_for_each_file_and_a_file_that_bears_one_is_no_entry() -> None:
    assert Cutter().mark != Cutter().mark
    cutter, left = through(document(statement('<Ntry cut="0123456789abcdef"/>')).encode(), 500)
    assert b'cut="0123456789abcdef"' in left
    assert cutter.mark.encode() not in left


def test_an_entry_inside_an_instruction_that_two_chunks_share_is_none() -> None:
    text = document(statement("<?pi <Ntry>1</Ntry> ?>", entry("8.85"), closing="8.85"))
    for chunk in range(text.index("<?pi") - 3, text.index("<?pi") + 5):
        cutter, left = through(text.encode(), chunk)
        assert (left.decode(), cutter.mark in left.decode()) == (text, False)
