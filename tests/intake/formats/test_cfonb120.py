"""Mirrors intake/formats/cfonb120.py: made records here, banks' own files where they are present."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ReadingError
from workbench.intake.formats.cfonb120 import read
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, read_file

PROFILE = Profile(name="cfonb120", format="cfonb120", files=("*",), encoding="latin-1")


def amount(centimes: int) -> str:
    last = abs(centimes) % 10
    return f"{abs(centimes) // 10:013d}" + ("{ABCDEFGHI" if centimes >= 0 else "}JKLMNOPQR")[last]


def record(
    kind: str, day: str, centimes: int | None = None, label: str = "", account: str = "98765432100", decimals: str = "2"
) -> str:
    text = f"{kind}15589    00000MAD{decimals} {account}{'62' if kind == '04' else '  '}{day}  {day if kind == '04' else '      '}{label:<31}"
    return text.ljust(90) + (amount(centimes) if centimes is not None else "").ljust(30)


def write(folder: Path, *records: str, between: str = "\n") -> Path:
    path = folder / "releve.cfonb"
    path.write_bytes(between.join(records).encode("latin-1"))
    return path


def proofs(reading: Reading) -> list[tuple[str, int | None, int | None, int]]:
    columns = ("proof_code", "opening_centimes", "closing_centimes", "movement_count")
    return [tuple(row[c] for c in columns) for row in reading.tables["read_statements"].to_pylist()]


GOOD = (
    record("01", "010124", -19040),
    record("04", "020124", -5000, "COMMISSION"),
    record("05", "020124"),
    record("07", "020124", -24040),
)


def test_a_statement_is_read_and_proven(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path, *GOOD), PROFILE)
    assert proofs(reading) == [("proven", -19040, -24040, 1)]
    (line,) = reading.tables["read_lines"].to_pylist()
    assert (line["booking_date"], line["amount_centimes"], line["label"], line["line_number"]) == (
        date(2024, 1, 2),
        -5000,
        "COMMISSION",
        2,
    )


@pytest.mark.parametrize("between", ["", "\r\n", "\n\n\n"])
def test_missing_and_blank_lines_change_nothing(tmp_path: Path, between: str) -> None:
    assert proofs(read(write(tmp_path, *GOOD, between=between), PROFILE)) == [("proven", -19040, -24040, 1)]


def test_one_centime_off_is_seen(tmp_path: Path) -> None:
    reading = read(write(tmp_path, *GOOD[:3], record("07", "020124", -24041)), PROFILE)
    assert proofs(reading)[0][0] == "unbalanced"
    assert reading.tables["read_statements"]["difference_centimes"].to_pylist() == [-1]


def test_an_amount_finer_than_a_centime_breaks_its_statement_and_not_the_next(tmp_path: Path) -> None:
    fine = (GOOD[0], record("04", "020124", -5001, decimals="3"), GOOD[3])
    reading = read(write(tmp_path, *fine, *GOOD), PROFILE)
    assert [proof[0] for proof in proofs(reading)] == ["broken", "proven"]
    assert [(p.code, p.where) for p in reading.problems] == [("amount_not_exact", "releve.cfonb:2")]


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    reading = read(write(tmp_path, *GOOD[:2]), PROFILE)
    assert proofs(reading)[0][0] == "broken"
    assert [p.code for p in reading.problems] == ["cfonb_not_ended"]


@pytest.mark.parametrize("content", [b"", b"\0" * 500])
def test_empty_and_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.cfonb"
    path.write_bytes(content)
    with pytest.raises(ReadingError):
        read_file(path, PROFILE)


@given(st.binary(max_size=600))
def test_no_bytes_make_it_fall(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "x.cfonb"
    path.write_bytes(b"01" + content)
    try:
        reading = read_file(path, PROFILE)
    except ReadingError:
        return
    assert reading.problems or proofs(reading)


def test_the_banks_own_file(real_data: Path) -> None:
    reading = read(real_data / "bank" / "cfonb120" / "example.txt", PROFILE)
    assert proofs(reading) == [("proven", -19040, -24121, 3), ("proven", -24121, -16372, 3)]
    assert reading.problems == []


def test_every_broken_file_is_told(real_data: Path) -> None:
    for path in sorted((real_data / "bank" / "cfonb120").glob("*.txt")):
        if path.name != "example.txt":
            reading = read(path, PROFILE)
            assert reading.problems, path.name
            assert "proven" not in [proof[0] for proof in proofs(reading)], path.name
