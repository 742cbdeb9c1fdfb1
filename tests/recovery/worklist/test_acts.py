"""Mirrors recovery/worklist/acts.py."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import SchemaError
from workbench.recovery.worklist import acts_on, load_acts

HEAD = "segment_code,rank,act_code,after_days,wait_days,added_share,valid_from_date,valid_to_date,status,source\n"


def load(path: Path, *rows: str) -> object:
    (path / "acts.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return load_acts(path / "acts.csv")


def test_the_acts_of_the_house_are_illustrative_sourced_and_neither_cut_nor_seize_public_bodies() -> None:
    acts = load_acts()
    assert {act.status for act in acts} == {"illustrative"}
    assert all(act.source for act in acts)
    public = {act.act_code for act in acts if act.segment_code in ("state", "municipality")}
    assert not public & {"disconnection", "seizure"}
    for ladder in acts_on(acts, date(2024, 1, 1)).values():
        assert [act.rank for act in ladder] == list(range(1, len(ladder) + 1))
        assert [act.after_days for act in ladder] == sorted(act.after_days for act in ladder)
    assert acts_on(acts, date(2000, 1, 1)) == {}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("household,1,shout,1,1,0.1,2020-01-01,,illustrative,x", r"acts.csv:2.*act_code does not hold"),
        ("martian,1,reminder,1,1,0.1,2020-01-01,,illustrative,x", "segment_code or act_code"),
        ("household,one,reminder,1,1,0.1,2020-01-01,,illustrative,x", "no whole number"),
        ("household,1,reminder,1,1,1.5,2020-01-01,,illustrative,x", "not between 0 and 1"),
        ("household,1,reminder,1,1,much,2020-01-01,,illustrative,x", "is no number"),
        ("household,1,reminder,1,1,0.1,2020-01-01,,guessed,x", "status or source"),
        ("household,1,reminder,1,1,0.1,2020-01-01,,illustrative,", "status or source"),
    ],
)
def test_a_row_that_does_not_hold_is_refused_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(SchemaError, match=told):
        load(tmp_path, row)


def test_two_acts_of_one_rank_on_the_same_day_are_refused_and_one_after_the_other_is_not(tmp_path: Path) -> None:
    first = "household,1,reminder,1,1,0.1,2020-01-01,{end},illustrative,x"
    second = "household,1,reminder,1,1,0.3,2024-01-01,,measured,x"
    with pytest.raises(SchemaError, match=r"acts.csv:3.*one rank or one name"):
        load(tmp_path, first.format(end=""), second)
    (tmp_path / "acts.csv").write_text(HEAD + first.format(end="2023-12-31") + "\n" + second + "\n", encoding="utf-8")
    acts = load_acts(tmp_path / "acts.csv")
    assert [acts_on(acts, day)["household"][0].added_share for day in (date(2023, 6, 1), date(2024, 6, 1))] == [
        0.1,
        0.3,
    ]
