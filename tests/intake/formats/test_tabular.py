"""Mirrors intake/formats/tabular.py, intake/profiles.py and intake/reading.py."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import ReadingError, WrongUse
from workbench.intake.profiles import load_profiles, profile_for
from workbench.intake.reading import read_file

PROJECT = Path(__file__).resolve().parents[3]
WRITE_OFFS = """
format = "csv"
files = ["nv_*.csv"]
encoding = "cp1252"
[[targets]]
table = "write_offs"
[targets.columns]
write_off_id = "Numéro"
invoice_id = "Facture"
write_off_date = "Date"
amount_centimes = "Montant"
[targets.constants]
currency_code = "MAD"
"""


def profile(folder: Path, text: str = WRITE_OFFS):  # noqa: ANN201
    (folder / "nv.toml").write_text(text, encoding="utf-8")
    return load_profiles(folder)["nv"]


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


def test_the_declared_encoding_holds(tmp_path: Path) -> None:
    utf8 = profile(tmp_path, WRITE_OFFS.replace("cp1252", "utf-8"))
    with pytest.raises(ReadingError, match=r"nv_2024\.csv:1: line 1 is not utf-8"):
        read_file(csv(tmp_path, "Numéro;Facture;Date;Montant\n"), utf8)
    with pytest.raises(ReadingError, match="NUL"):
        read_file(csv(tmp_path, "Num\0;Facture\n"), utf8)
    with pytest.raises(ReadingError, match="empty"):
        read_file(csv(tmp_path, ""), utf8)


def test_a_missing_column_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match=r"no column « Facture », « Montant »; it has Numéro, Date"):
        read_file(csv(tmp_path, "Numéro;Date\n1;01/01/2024\n"), profile(tmp_path))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("encoding", "encodage"), "encodage"),
        (('"csv"', '"pdf"'), "format"),
        (('table = "write_offs"', 'table = "nowhere"'), "nowhere"),
        (("write_off_date =", "write_of_date ="), "write_of_date"),
        (("[[targets]]", "[[targets"), "no TOML"),
    ],
)
def test_a_wrong_profile_is_refused_by_file_and_key(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(WrongUse, match=rf"(?s)nv\.toml.*{told}"):
        profile(tmp_path, WRITE_OFFS.replace(*change))


def test_a_name_fits_one_profile(tmp_path: Path) -> None:
    known = {"nv": profile(tmp_path)}
    assert profile_for(Path("NV_1.CSV"), known).name == "nv"
    with pytest.raises(ReadingError, match="no profile"):
        profile_for(Path("x.csv"), known)
    with pytest.raises(ReadingError, match="several"):
        profile_for(Path("nv_1.csv"), {**known, "twin": known["nv"]})
    with pytest.raises(WrongUse, match="absent"):
        load_profiles(tmp_path / "nowhere")


def test_the_profiles_of_the_project_hold() -> None:
    assert len(load_profiles(PROJECT / "data" / "profiles")) >= 4
