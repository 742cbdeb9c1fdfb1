from pathlib import Path

from tests.intake.formats.test_cfonb120 import GOOD, record
from tests.intake.formats.test_cfonb120 import PROFILE as CFONB
from workbench.intake.profiles import load_profiles
from workbench.pipeline.reading_only import check_files

PROFILE = """format = "csv"
files = ["UNITS_*.csv"]
encoding = "utf-8"
delimiter = ";"
date_formats = ["%d/%m/%Y"]
[[targets]]
table = "units"
[targets.columns]
unit_code = "CODE"
unit_level_code = "NIVEAU"
unit_name = "NOM"
valid_from_date = "DU"
"""


def test_a_statement_that_does_not_balance_is_told_before_it_is_imported(tmp_path: Path) -> None:
    good, wrong = tmp_path / "a.cfonb", tmp_path / "b.cfonb"
    good.write_text("\n".join(GOOD), encoding="latin-1")
    wrong.write_text("\n".join([*GOOD[:3], record("07", "020124", -24041)]), encoding="latin-1")
    problems = check_files([good, wrong], {"cfonb120": CFONB})
    assert [(p.code, p.file_name, p.severity) for p in problems] == [("statement_unbalanced", "b.cfonb", "refused")]


def test_every_file_is_read_and_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "units.toml").write_text(PROFILE, encoding="utf-8")
    good, bad, strange = (tmp_path / name for name in ("UNITS_1.csv", "UNITS_2.csv", "other.csv"))
    good.write_text("CODE;NIVEAU;NOM;DU\n007;center;Centre;01/01/2020\n", encoding="utf-8")
    bad.write_text("CODE;NIVEAU;NOM;DU\n008;village;Centre;01/01/2020\n", encoding="utf-8")
    strange.write_text("x\n", encoding="utf-8")
    problems = check_files([good, bad, strange], load_profiles(tmp_path / "profiles"))
    assert {(p.file_name or "").split(":")[0] for p in problems} == {"UNITS_2.csv", "other.csv"}
    assert {p.severity for p in problems} == {"refused"}
    assert all(p.message("fr") and p.remedy("en") for p in problems)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["UNITS_1.csv", "UNITS_2.csv", "other.csv", "profiles"]
