"""Mirrors intake/reading.py."""

import codecs
from pathlib import Path

import pytest

from workbench.errors import ReadingError
from workbench.intake.profiles import Profile, Target
from workbench.intake.reading import decoded, read_file

COLUMNS = {"write_off_id": "Numéro", "invoice_id": "Facture", "write_off_date": "Date", "amount_centimes": "Montant"}
TARGET = Target.model_validate({"table": "write_offs", "columns": COLUMNS, "constants": {"currency_code": "MAD"}})
HEADER = "Numéro;Facture;Date;Montant\n"


def profile(encoding: str) -> Profile:
    return Profile(name="nv", format="csv", files=("*",), encoding=encoding, targets=(TARGET,))


def written(folder: Path, content: bytes) -> Path:
    path = folder / "nv.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    found = read_file(written(tmp_path, (HEADER + "1;é;01/01/2024;1\n").encode(encoding)), profile(encoding))
    assert found.problems == []
    assert found.tables["write_offs"]["invoice_id"].to_pylist() == ["é"]


@pytest.mark.parametrize(
    ("content", "encoding", "said"),
    [
        (HEADER.encode("cp1252"), "utf-8", r"nv\.csv:1: line 1 is not utf-8"),
        (HEADER.encode("utf-8") + b"1;\x81;;\n", "cp1252", r"nv\.csv:2: line 2 is not cp1252"),
        (codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le"), "cp1252", "mark of utf-16, its profile says cp1252"),
        (codecs.BOM_UTF8 + HEADER.encode(), "latin-1", "mark of utf-8, its profile says latin-1"),
        (codecs.BOM_UTF32_LE + HEADER.encode("utf-32-le"), "utf-16", "mark of utf-32"),
        (b"Num\0;Facture\n", "utf-8", "NUL"),
        (b"", "utf-8", "empty"),
    ],
)
def test_another_encoding_is_refused_with_its_place(tmp_path: Path, content: bytes, encoding: str, said: str) -> None:
    with pytest.raises(ReadingError, match=said):
        read_file(written(tmp_path, content), profile(encoding))


def test_a_mark_is_no_text(tmp_path: Path) -> None:
    assert decoded(written(tmp_path, codecs.BOM_UTF8 + b"a"), "utf-8") == "a"


def test_a_cell_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    found = read_file(written(tmp_path, (HEADER + "1;A;01/01/2024;?\n;A;01/01/2024;1\n").encode()), profile("utf-8"))
    assert [(p.code, p.line_number) for p in found.problems] == [("amount_unreadable", 2), ("value_missing", 3)]
