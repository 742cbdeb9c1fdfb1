"""Mirrors demo/set_aside.py: what the office books and does about unpaid bills is what the rules of the house find in its files, to the centime."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.demo.conftest import PROFILES
from workbench import store
from workbench.demo import make_office
from workbench.pipeline.importing import import_files
from workbench.recovery import movements, open_items
from workbench.recovery.impairment import (
    allowance_movement,
    booked_allowances,
    item_allowances,
    last_days_to_act,
    lawsuit_clock,
    load_allowance_rates,
    load_limitation_rules,
    movement_totals,
    written_off_ht,
)

LAST = "2024-06-30"
EVENTS = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
NEEDED = ("SIC_", "REGISTRE_PROVISIONS", "REGISTRE_DECISIONS", "REGISTRE_POURSUITES")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, Any]]:
    """An office of thirty months as imported, without its banks, and what its key says of provisions."""
    folder: Path = tmp_path_factory.mktemp("aside")
    make_office(folder, customers=400, months=30, seed=2)
    files = sorted(path for path in (folder / "inbox").iterdir() if path.name.startswith(NEEDED))
    report = import_files(folder, files, PROFILES, "test")
    assert {one["status"] for one in report.files} == {"imported"}
    return store.open_office(folder), json.loads((folder / "answer_key.json").read_text())["provisions"]


def allowances(held: Any, day: str) -> Any:
    items = open_items(*(held[name] for name in EVENTS), as_of=day)
    return item_allowances(items, load_allowance_rates(), as_of=day, decisions=held["allowance_decisions"])


def test_every_closing_is_found_to_the_centime(office: tuple[Any, dict[str, Any]]) -> None:
    held, key = office
    closings = key["booked_centimes"] | {LAST: key["due"]["allowance_centimes"]}
    assert len(closings) == 5
    assert key["decisions"] > 0
    for day, truth in closings.items():
        found = allowances(held, day).items.groupby("segment_code")["allowance_centimes"].sum()
        assert {name: int(found.get(name, 0)) for name in truth} == truth
    assert sum(closings[LAST].values()) > 0


def test_what_stayed_booked_on_settled_bills_is_released(office: tuple[Any, dict[str, Any]]) -> None:
    held, key = office
    opening = booked_allowances(held["provisions"], held["invoices"], as_of=LAST)
    assert str(opening["provision_date"].iloc[0].date()) == "2023-12-31"
    off = written_off_ht(movements(*(held[name] for name in EVENTS), opening="2023-12-31", as_of=LAST, lazy=True))
    moved = allowance_movement(opening, allowances(held, LAST).items, off)
    kept = moved[moved["invoice_id"].isin(key["kept_on_settled_bills"])]
    assert len(kept) == len(key["kept_on_settled_bills"]) > 0
    assert (kept["release_centimes"] == kept["opening_centimes"]).all()
    assert int(moved["closing_centimes"].sum()) == sum(key["due"]["allowance_centimes"].values())
    assert movement_totals(moved)["segment_code"].notna().all()


def test_the_clock_of_every_claim(office: tuple[Any, dict[str, Any]]) -> None:
    held, key = office
    clock = lawsuit_clock(held["provisions"], held["invoices"], held["enforcement_steps"], as_of=LAST)
    counts = clock["clock_code"].value_counts().to_dict()
    assert {name: counts.get(name, 0) for name in key["lawsuit_clock"]} == key["lawsuit_clock"]
    assert min(key["lawsuit_clock"].values()) > 0


def test_steps_give_other_last_days(office: tuple[Any, dict[str, Any]]) -> None:
    held, key = office
    steps = held["enforcement_steps"]
    assert steps.aggregate("count(*)").fetchall()[0][0] == key["steps"]
    items = open_items(*(held[name] for name in EVENTS), as_of=LAST)
    without, given = (last_days_to_act(items, load_limitation_rules(), told, as_of=LAST) for told in (None, steps))
    assert (given["last_date"].fillna(without["last_date"]) >= without["last_date"]).all()
    assert {"lifted", "running"} <= set(given["limitation_code"])
    assert given["interrupted_date"].notna().any()
    public = given["segment_code"].isin(["state", "municipality"])
    assert given.loc[public, "interrupted_date"].isna().all()  # their rule knows no interruption
