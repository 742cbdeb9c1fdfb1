"""Mirrors intake/formats/cfonb120.py: made records here, banks' own files where they are present."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.formats.cfonb120_by_record import read_by_record
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


def told(reading: Reading) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    """A reading in the words of `read_by_record`."""
    lines = reading.tables["read_lines"].to_pylist()
    statements = [
        {
            "line": row["line_number"],
            "opening": (row["opening_date"], row["opening_centimes"]),
            "closing": (row["closing_date"], row["closing_centimes"]),
            "bad": row["proof_code"] == "broken",
            "lines": [
                {
                    "line": line["line_number"],
                    "booked": line["booking_date"],
                    "amount": line["amount_centimes"],
                    "valued": line["value_date"],
                    "label": line["label"],
                    "reference": line["reference"],
                    "details": (line["details"] or "").split("\n") if line["details"] else [],
                }
                for line in lines
                if line["statement_index"] == row["statement_index"]
            ],
        }
        for row in reading.tables["read_statements"].to_pylist()
    ]
    return statements, sorted((problem.line_number or 0, problem.code) for problem in reading.problems)


def expected(text: str) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    statements, problems = read_by_record(text)
    kept = [
        {"opening": (None, None), "closing": (None, None)}
        | {name: value for name, value in statement.items() if name not in ("account", "last")}
        for statement in statements
    ]
    return kept, sorted((line, code) for code, line in problems)


RECORDS = st.builds(
    record,
    st.sampled_from(["01", "04", "04", "04", "05", "05", "07", "06", "  "]),
    st.sampled_from(["010124", "310124", "290224", "300224", " 10124", "3101  ", "ab0124", "01012٣"]),
    st.one_of(st.none(), st.integers(-(10**12), 10**12)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r"), max_size=31),
    st.sampled_from(["98765432100", "98765432100", "98765432100", "11111111111", " 9876543210", "9876543210 "]),
    st.sampled_from(["2", "2", "2", "2", "0", "3", "x"]),
)
SPOILT = st.builds(
    lambda text, at, put: text[:at] + put + text[at + len(put) :],
    RECORDS,
    st.sampled_from([0, 1, 19, 25, 34, 42, 49, 60, 90, 95, 102, 103, 104]),
    st.sampled_from([" ", "  ", "0", "{", "J", "z", "é", "€", "\U0001f600", "\u0661"]),
)


@settings(max_examples=150)
@given(
    st.lists(st.one_of(RECORDS, SPOILT), max_size=12), st.sampled_from(["\n", "\r\n", "", "\n\n", " \n"]), st.booleans()
)
def test_a_column_at_a_time_is_a_record_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], between: str, is_cut: bool
) -> None:
    text = between.join(part.rstrip() if is_cut and between else part for part in parts)
    path = tmp_path_factory.mktemp("same") / "x.cfonb"
    path.write_bytes(text.encode())
    reading = read(path, PROFILE.model_copy(update={"encoding": "utf-8"}))
    if [problem.code for problem in reading.problems] == ["cfonb_no_statement"]:
        assert not any(statement for statement in expected(text)[0])
        return
    assert told(reading) == expected(text)


def test_the_banks_own_files_are_read_the_same_a_record_at_a_time(real_data: Path) -> None:
    for path in sorted((real_data / "bank" / "cfonb120").glob("*.txt")):
        assert told(read(path, PROFILE)) == expected(path.read_text(encoding="latin-1")), path.name


def test_ten_thousand_problems_are_told_as_a_hundred_and_a_count(tmp_path: Path) -> None:
    reading = read(write(tmp_path, *[GOOD[1]] * 10_000), PROFILE)
    assert [p.code for p in reading.problems] == ["cfonb_record_alone"] * 100 + ["statement_more"]
    assert reading.problems[-1].values["count"] == 9_900
    unended = read(write(tmp_path, *[GOOD[0]] * 10_000), PROFILE)
    assert (len(proofs(unended)), unended.problems[-1].values["count"]) == (10_000, 9_900)


def test_a_file_of_another_kind_is_told_once(tmp_path: Path) -> None:
    reading = read(write(tmp_path, *["Date;Montant"] * 50), PROFILE)
    assert [(p.code, p.where) for p in reading.problems] == [("cfonb_no_statement", "releve.cfonb:1")]


def test_sums_that_no_table_can_hold_break_their_statement_and_nothing_else(tmp_path: Path) -> None:
    large = record("04", "020124", 10**14 - 1, decimals="0")
    reading = read(write(tmp_path, GOOD[0], *[large] * 2_000, GOOD[3], *GOOD), PROFILE)
    assert [proof[0] for proof in proofs(reading)] == ["broken", "proven"]
