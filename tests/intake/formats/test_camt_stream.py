"""Mirrors intake/formats/camt_stream.py: what a hostile, cut or mistaken XML file meets."""

import resource
import socket
import threading
from pathlib import Path

import pytest

from tests.intake.formats.camt_messages import document, entry, statement
from workbench.errors import ReadingError
from workbench.intake.formats import camt_stream
from workbench.intake.formats.camt import read
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, read_file

PROFILE = Profile(name="camt", format="camt", files=("*",))
GOOD = statement(entry("8.85"), entry("7.00", "DBIT"), opening="18.15", closing="20.00")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def reading_of(folder: Path, content: str | bytes) -> Reading:
    path = folder / "releve.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, PROFILE)


def told(reading: Reading) -> tuple[list[str], list[tuple[str, str]]]:
    for problem in reading.problems:
        assert problem.message("fr")
        assert problem.remedy("en")
    proofs = reading.tables["read_statements"]["proof_code"].to_pylist()
    return proofs, [(problem.code, problem.where) for problem in reading.problems]


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Document>",
        '<!DOCTYPE Document [<!ENTITY e "8.85">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:{port}/a.dtd">',
        '<!DOCTYPE Document [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p">%p;]>',
        "<!DOCTYPE Document ["
        + '<!ENTITY e0 "aaaaaaaaaaaaaaaa">'
        + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
        + '<!ENTITY e "&e11;">]>',
    ],
)
def test_a_doctype_is_refused_unread(tmp_path: Path, doctype: str) -> None:
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        text = document(GOOD).replace("VIREMENT RECU", "&e;").replace("\n<Document", f"\n\n{doctype}\n<Document")
        reading = reading_of(tmp_path, text.replace("{port}", str(server.getsockname()[1])))
        try:
            server.accept()
            called.set()
        except TimeoutError:
            pass
    assert told(reading) == ([], [("camt_doctype", "releve.xml:3")])
    assert not called.is_set()


def test_a_doctype_behind_a_long_prolog_is_refused_too(tmp_path: Path) -> None:
    prolog = f"<!--{'a' * camt_stream._PROLOG}-->\n<!DOCTYPE Document>\n"
    reading = reading_of(tmp_path, document(GOOD).replace("<Document", prolog + "<Document"))
    assert told(reading) == ([], [("camt_doctype", "releve.xml:1")])


def test_an_entity_that_nobody_declared_is_told(tmp_path: Path) -> None:
    proofs, problems = told(reading_of(tmp_path, document(GOOD, GOOD).replace("VIREMENT", "&nbsp;", 1)))
    assert proofs == []
    assert problems[0][0] == "camt_malformed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HEAD + "<a>" * 100_000, "camt_limits"),
        (HEAD + "<a>" + GOOD + "<b>" * 100_000, "camt_limits"),
        (HEAD + "<a>" + "b" * 11_000_000 + "</a>", "camt_limits"),
        (HEAD + '<a b="' + "b" * 11_000_000 + '"/>', "camt_limits"),
        (HEAD + "<" + "b" * 11_000_000, "camt_limits"),
        ("b" * 5_000_000, "camt_malformed"),
        (b"\0" * 500, "camt_malformed"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)), "camt_malformed"),
        (" \n ", "camt_malformed"),
        ("Date;Montant\n", "camt_malformed"),
        (HEAD + "<a></b>", "camt_malformed"),
        (HEAD + "<html><body/></html>", "camt_no_statement"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "content",
)
def test_what_is_no_statement_is_one_problem_with_its_line(tmp_path: Path, content: str | bytes, code: str) -> None:
    proofs, problems = told(reading_of(tmp_path, content))
    assert set(proofs) <= {"proven"}
    ((found, where),) = problems
    assert found == code
    assert where.startswith("releve.xml:")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="empty"):
        reading_of(tmp_path, b"")


def test_a_text_that_no_bank_writes_breaks_its_statement(tmp_path: Path) -> None:
    long = GOOD.replace("VIREMENT RECU", "a" * 1_000_000, 1)
    proofs, problems = told(reading_of(tmp_path, document(long, GOOD)))
    assert proofs == ["broken", "proven"]
    assert problems == [("camt_text_long", "releve.xml:10")]


def test_a_cut_file_keeps_the_statements_before_the_cut(tmp_path: Path) -> None:
    text = document(GOOD, GOOD)
    last = text.rindex("<Ntry>")
    line = text.count("\n", 0, last) + 1
    cut = reading_of(tmp_path, text[: last + 12])
    assert told(cut) == (["proven", "broken"], [("camt_cut", f"releve.xml:{line + 1}")])
    assert cut.tables["read_statements"]["account_identifier"].to_pylist()[1] == "011519000001205000534921"
    for place in range(60, len(text) - 40, 97):
        proofs, problems = told(reading_of(tmp_path, text[:place]))
        assert problems, place
        assert "unbalanced" not in proofs


@pytest.mark.parametrize(
    ("declared", "written", "code"),
    [
        ("UTF-8", "cp1252", "camt_encoding"),
        ("UTF-16", "utf-8", "camt_encoding"),
        ("martian", "utf-8", "camt_encoding"),
        ("ISO-8859-1", "utf-8", "camt_encoding"),
        ("windows-1252", "utf-8-sig", "camt_encoding"),
        ("ISO-8859-1", "latin-1", None),
        ("windows-1256", "cp1256", None),
        ("UTF-16", "utf-16", None),
        ("UTF-8", "utf-8-sig", None),
    ],
)
def test_the_encoding_declared_is_held_to(tmp_path: Path, declared: str, written: str, code: str | None) -> None:
    text = document(GOOD.replace("RECU", "relevé à"), GOOD).replace('"UTF-8"', f'"{declared}"')
    reading = reading_of(tmp_path, text.encode(written))
    proofs, problems = told(reading)
    assert [found for found, _ in problems] == ([] if code is None else [code])
    if code is None:
        assert reading.tables["read_lines"]["label"].to_pylist()[0] == "VIREMENT relevé à"
        assert proofs == ["proven", "proven"]
    else:
        assert "proven" not in proofs


def test_a_file_without_entries_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt_stream, "LONGEST_STRETCH", 2**20)
    proofs, problems = told(reading_of(tmp_path, document(GOOD, "<x/>" * 1_250_000)))
    assert proofs == ["proven"]
    assert [code for code, _ in problems] == ["camt_limits"]


def test_a_long_file_of_one_line_is_read_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camt_stream, "LONGEST_STRETCH", 2**20)
    count = 17_000  # about 5 MB, five times what may come between two entries
    text = document(statement(*[entry("1.00")] * count, opening="0", closing=f"{count}.00")).replace("\n", "")
    assert len(text) > 5 * 2**20
    reading = reading_of(tmp_path, text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    again = read(tmp_path / "releve.xml", PROFILE)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert told(reading) == (["proven"], [])
    assert len(again.tables["read_lines"]) == count
    assert grown < 8 * 1024  # KiB: the tree of the file would take 60 MB
