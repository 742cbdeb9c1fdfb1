"""Triangles of a synthetic office: what was planted in it is found again. The long version is `python -m benchmarks.triangles`."""

import numpy as np
import pandas as pd
import pytest

from tests.demo.in_memory import Made
from workbench.demo.customers import PAID, Customers
from workbench.recovery.triangles import (
    MODELS,
    Grid,
    TriangleBook,
    chain_ladder,
    hidden_diagonals,
    over_dispersed_poisson,
    race_of_models,
    triangle_book,
    ultimate_rates,
)
from workbench.schemas.columns import SEGMENTS

AGES = 15  # months: what is paid later is little


@pytest.fixture(scope="module")
def book() -> TriangleBook:
    tables = Made(Customers(4_000, 48, 3)).tables
    names = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
    return triangle_book(*(tables[name] for name in names), as_of="2025-12-31")


def test_the_seasons_of_the_state_are_found(book: TriangleBook) -> None:
    found = over_dispersed_poisson(book.triangle(segment_code="state").up_to(AGES), "season")
    effects = found.calendar.set_index("place")["effect_ratio"]  # 0: January
    assert set(effects.nlargest(3).index) == {10, 11, 0}  # half of its bills wait for November to January
    assert effects[11] > 2
    assert found.calendar_p < 0.001


def test_models_beat_the_naive_one_where_they_are_used(book: TriangleBook) -> None:
    parts = [
        hidden_diagonals(book.triangle(segment_code=name).up_to(AGES), count=4)
        for name in ("household", "state", "municipality")
    ]
    race = race_of_models(pd.concat(parts), by=["segment_code"]).set_index(["segment_code", "model_code"])
    best = dict(race.index[race["is_best"]])
    assert best["state"] == "bornhuetter_ferguson_seasons"
    wape = race["wape"].unstack()
    for segment, model in best.items():
        assert wape.loc[segment, model] < 0.8 * wape.loc[segment, "naive"]
    # Without its seasons the chain ladder loses the State, and says so.
    assert wape.loc["state", "chain_ladder"] > wape.loc["state", "naive"]


def test_planted_rates_are_found(book: TriangleBook) -> None:
    planted = dict(zip(SEGMENTS, PAID, strict=True))
    found = ultimate_rates(book.triangle(segment_code="household").up_to(AGES))
    told = found.rates[~np.isnan(found.rates)]
    assert len(told) == len(found.triangle.vintages)
    assert np.mean(told) == pytest.approx(planted["household"], abs=0.015)
    assert found.methods[-1] == "bornhuetter_ferguson"
    assert found.prior.source_code == "mature_vintages"
    assert found.prior.rate == pytest.approx(planted["household"], abs=0.015)
    # The chain ladder alone makes anything of a month's first receipts.
    ladder = chain_ladder(found.triangle)
    assert found.errors[-1] < ladder.ultimate_errors[-1] / found.triangle.billed[-1] / 2


def test_intervals_said_a_year_ago_hold_what_is_known_by_now(book: TriangleBook) -> None:
    inside = []
    for triangle in book.triangles():
        cut = triangle.up_to(AGES)
        if len(cut.vintages) < 40:
            continue
        then = ultimate_rates(cut.hidden(AGES - 1), MODELS["poisson_seasons"])
        is_over = (cut.reached == AGES - 1) & ~np.isin(then.methods, ["", "observed"])
        came = cut.latest / cut.billed
        inside += ((came >= then.low) & (came <= then.high))[is_over].tolist()
    assert len(inside) > 60
    assert 0.65 <= np.mean(inside) <= 0.95


def test_every_cut_of_the_same_office_holds_the_same_centimes(book: TriangleBook) -> None:
    tables = Made(Customers(300, 12, 1)).tables
    names = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
    cuts = [
        Grid(),
        Grid("quarter", "months"),
        Grid("quarter", "quarters"),
        Grid("month", "quarters"),
        Grid("month", "days", 7),
    ]
    sums = set()
    for grid in cuts:
        made = triangle_book(*(tables[name] for name in names), as_of="2022-12-15", grid=grid, by="center_code")
        cells = made.cells.filter(like="_centimes").sum().tolist()
        sums.add((*cells, int(made.vintages["billed_centimes"].sum())))
    assert len(sums) == 1
