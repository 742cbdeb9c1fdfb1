"""Mirrors intake/profiles.py."""

import importlib
from pathlib import Path

import pytest

from workbench.errors import ReadingError, WrongUse
from workbench.intake.profiles import FORMATS, Profile, load_profiles, profile_for
from workbench.intake.reading import MODULES

PROJECT = Path(__file__).resolve().parents[2]
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


def profile(folder: Path, text: str = WRITE_OFFS) -> Profile:
    (folder / "nv.toml").write_text(text, encoding="utf-8")
    return load_profiles(folder)["nv"]


def test_a_file_whose_name_says_nothing_is_known_by_its_beginning(tmp_path: Path) -> None:
    known = load_profiles(PROJECT / "data" / "profiles")
    for name, start, wanted in (
        ("a.txt", "0115589    00000EUR2 98765432100  150519", "cfonb120"),
        ("b.txt", "\n0415589916200000EUR2 98765432100B1160519", "cfonb120"),
        ("c.txt", "{1:F01BANKMAMCXXXX}{2:I940X}{4:\n:20:REF\n:25:1/2", "mt940"),
        ("d.txt", ":20:REF\r\n:25:1/2", "mt940"),
    ):
        (tmp_path / name).write_bytes(start.encode("latin-1"))
        assert profile_for(tmp_path / name, known).name == wanted
    (tmp_path / "e.txt").write_bytes(b"0115 is how this letter begins")
    with pytest.raises(ReadingError, match="no profile"):
        profile_for(tmp_path / "e.txt", known)


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


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ('[sign]\nrule = "debit_credit"\ndebit = "D"', "credit"),
        ('[sign]\nrule = "by_column"\ncolumn = "S"', "negative"),
        ('[sign]\nrule = "upside_down"', "sign.rule"),
        ('[constants]\nwrite_off_id = "1"', "both a column and a constant"),
        ('[[targets]]\ntable = "units"', "not both"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, rest: str, said: str) -> None:
    text = 'format = "csv"\nfiles = ["*"]\ntable = "write_offs"\n[columns]\nwrite_off_id = ["N", "No"]\n'
    assert profile(tmp_path, text).targets[0].columns == {"write_off_id": ("N", "No")}
    with pytest.raises(WrongUse, match=rf"(?s)nv\.toml.*{said}"):
        profile(tmp_path, text + rest)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('encoding = "cp9999"', "cp9999"),
        ('decimal = " "', "decimal"),
        ('delimiter = "||"', "delimiter"),
        ("header_row = 0", "header_row"),
        ('name_pattern = "("', "name_pattern"),
        ("files = []", "no TOML"),
        ("query = 3\nsheet = 1", "sheet.*query"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(tmp_path: Path, head: str, said: str) -> None:
    with pytest.raises(WrongUse, match=rf"(?s)nv\.toml.*{said}"):
        profile(tmp_path, head + WRITE_OFFS.replace('encoding = "cp1252"\n', ""))


def test_each_format_asks_for_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="targets"):
        profile(tmp_path, 'format = "xlsx"\nfiles = ["*"]')
    with pytest.raises(WrongUse, match="uri_variable"):
        profile(tmp_path, WRITE_OFFS.replace('"csv"', '"database"'))
    with pytest.raises(WrongUse, match="no currency"):
        profile(tmp_path, 'format = "csv"\nfiles = ["*"]\ntable = "read_lines"\n[columns]\nlabel = "L"')
    (tmp_path / "latin.toml").write_bytes(b'files = ["\xe9"]')
    with pytest.raises(WrongUse, match=r"latin\.toml"):
        load_profiles(tmp_path)


def test_the_profiles_of_the_project_hold_and_share_no_name() -> None:
    known = load_profiles(PROJECT / "data" / "profiles")
    names = {"FBL5N_0124.txt": "sap_fbl5n", "FBL3N_0124.txt": "sap_fbl3n", "LISTE_BANQUE_1.csv": "bank_list_fr"}
    assert {name: profile_for(Path(name), known).name for name in names} == names


def test_every_format_has_a_reader() -> None:
    assert set(FORMATS) == set(MODULES)
    for module in MODULES.values():
        assert callable(importlib.import_module(f"workbench.intake.formats.{module}").read)


@pytest.mark.parametrize(
    "name", ["imports", "import_files", "problems", "statements", "statement_days", "bank_transactions"]
)
def test_no_file_fills_what_the_workbench_writes_itself(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUse, match=rf"{name} is the workbench's own"):
        profile(tmp_path, f'format = "csv"\nfiles = ["*"]\ntable = "{name}"\n[columns]\nimport_id = "N"')
