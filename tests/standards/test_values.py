"""Mirrors standards/values.py."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import OutsideSpan, SchemaError
from workbench.standards import history_of, load_values, reference_folder, value_on

VALUE = """
[[rate_a.values]]
value = "0.02"
valid_from = 2024-01-01
still_valid_on = 2024-06-30
status = "official"
source = "S"
"""
HEAD = '[rate_a]\nlabel_fr = "A"\nlabel_en = "A"\nunit = "rate"\n'


def test_the_policy_rate_of_a_day_with_its_source() -> None:
    assert value_on("policy_rate", date(2024, 6, 26)).value == Decimal("0.03")
    cut = value_on("policy_rate", date(2024, 6, 27))
    assert (cut.value, cut.status, cut.is_illustrative) == (Decimal("0.0275"), "official", False)
    assert cut.source


def test_outside_its_span_a_value_is_refused_by_name_date_and_span() -> None:
    with pytest.raises(OutsideSpan, match=r"policy_rate.*2026-06-30.*2025-03-31\.\.2025-12-16"):
        value_on("policy_rate", date(2026, 6, 30))


def test_every_reference_value_is_sourced_and_illustrative_ones_say_so() -> None:
    values = [value for history in load_values().values() for value in history]
    assert all(value.source for value in values)
    assert value_on("idle_balance_rate", date(2024, 12, 31)).is_illustrative
    assert [v.valid_from for v in history_of("policy_rate")] == sorted(v.valid_from for v in history_of("policy_rate"))


def test_an_unknown_name_lists_the_names_there_are() -> None:
    with pytest.raises(SchemaError, match="policy_rate"):
        value_on("no_such_rate", date(2024, 1, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + VALUE + VALUE.replace("2024-01-01", "2024-06-30").replace("06-30\nstatus", "12-31\nstatus"),
            "two values hold on 2024-06-30",
        ),
        (HEAD + VALUE.replace('"0.02"', "0.02"), "written as text"),
        (HEAD + VALUE.replace('"0.02"', '"2 %"'), "is no number"),
        (HEAD + VALUE.replace('"official"', '"sure"'), "status or source"),
        (HEAD + VALUE.replace('"S"', '""'), "status or source"),
        (HEAD + VALUE + "note = 1\n", "fields of a value"),
        (HEAD + VALUE.replace("2024-06-30", "2023-06-30"), "valid_from is after"),
        (HEAD.replace('"rate"', '"percent"') + VALUE, "unit 'percent' is unknown"),
        (HEAD, "values is missing"),
    ],
)
def test_a_file_that_does_not_hold_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        value_on("rate_a", date(2024, 1, 1), tmp_path)


def test_a_name_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(HEAD + VALUE, encoding="utf-8")
    with pytest.raises(SchemaError, match="defined twice"):
        load_values(tmp_path)


def test_the_folder_is_the_one_given_else_the_one_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "project" / "notebooks"
    (tmp_path / "project" / "data" / "reference").mkdir(parents=True)
    inside.mkdir()
    monkeypatch.chdir(inside)
    monkeypatch.delenv("WORKBENCH_REFERENCE", raising=False)
    assert reference_folder() == (tmp_path / "project" / "data" / "reference").resolve()
    monkeypatch.setenv("WORKBENCH_REFERENCE", str(tmp_path))
    assert reference_folder() == tmp_path
    monkeypatch.setenv("WORKBENCH_REFERENCE", str(tmp_path / "absent"))
    with pytest.raises(SchemaError, match="does not exist"):
        reference_folder()
