"""Mirrors payment_times/hazards.py: planted hazards recovered, the same as statsmodels, other exits, who never pays."""

import numpy as np
import pytest
import statsmodels.api as sm

from tests.recovery.payment_times.planted import AMOUNT, BASE, CREDITED, NEVER, planted
from workbench.errors import WrongUse
from workbench.recovery.payment_times.exposure import exposure_tables
from workbench.recovery.payment_times.hazards import (
    Cubes,
    Hazards,
    binomial_fit,
    center_ratios,
    cubes_of,
    fit_hazards,
    never_paid,
)


@pytest.fixture(scope="module")
def fitted() -> tuple[Cubes, Hazards]:
    office = planted()
    cubes = cubes_of(exposure_tables(office.invoices, office.allocations, None, office.credit_notes, as_of="2023-02-26"))  # fmt: skip
    return cubes, fit_hazards(cubes)


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_the_fit_is_that_of_statsmodels(link: str) -> None:
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    trials = rng.integers(20, 200, 40).astype(float)
    events = rng.binomial(trials.astype(int), 0.2).astype(float)
    family = sm.families.Binomial(sm.families.links.CLogLog() if link == "cloglog" else sm.families.links.Logit())
    theirs = sm.GLM(np.column_stack([events, trials - events]), design, family=family).fit()
    found, errors = binomial_fit(design, events, trials, link)
    assert found == pytest.approx(theirs.params, abs=1e-5)
    assert errors == pytest.approx(theirs.bse, rel=1e-3)


def test_planted_hazards_are_recovered(fitted: tuple[Cubes, Hazards]) -> None:
    cubes, hazards = fitted
    ages = np.arange(6)
    age = np.tile(ages, 12)
    month = np.repeat(np.arange(12), 6)
    cell = int(np.flatnonzero((cubes.cells["amount_class"] == 1) & (cubes.cells["behaviour_class"] == 0) & (cubes.cells["center_class"] == 3))[0])  # fmt: skip
    rate = hazards.at(np.full(72, cell), age, month).reshape(12, 6).mean(axis=0)
    never = NEVER / (NEVER + (1 - NEVER) * np.cumprod(np.concatenate([[1], 1 - BASE[:5]])))
    assert np.sqrt(np.mean((rate - BASE[:6] * (1 - never)) ** 2)) < 0.02
    told = hazards.effects.set_index("effect_code").loc["amount_class", "estimate"].to_numpy()
    assert told == pytest.approx(
        AMOUNT, abs=0.10
    )  # those who never pay blunt it: at late ages they are most of what is left


def test_other_exits_compete(fitted: tuple[Cubes, Hazards]) -> None:
    _, hazards = fitted
    assert hazards.by_exit["credited"][0, 2:8] == pytest.approx(np.full(6, CREDITED), abs=0.0015)
    assert hazards.others == pytest.approx(sum(hazards.by_exit.values()))
    assert hazards.by_exit["written_off"].max() == 0


def test_centres_are_recovered(fitted: tuple[Cubes, Hazards]) -> None:
    cubes, hazards = fitted
    ratios = center_ratios(hazards, cubes)
    in_class = cubes.exposure.ages.assign(place=cubes.exposure.ages["cell"] // 18 % 6).groupby("center_code")["place"].first()  # fmt: skip
    classes = hazards.effects.set_index("effect_code").loc["center_class", "estimate"].to_numpy()
    found = np.log(ratios) + classes[in_class.reindex(ratios.index)]
    truth = planted(100).center_effect
    assert np.corrcoef(found, truth.reindex(ratios.index))[0, 1] > 0.95


def test_who_never_pays_is_told(fitted: tuple[Cubes, Hazards]) -> None:
    cubes, hazards = fitted
    told = never_paid(hazards, cubes).iloc[0]
    # Some leave by a credit before they pay: the share left at the end is that of nobody's payment, credits apart.
    assert told["never_share"] == pytest.approx(NEVER, abs=0.03)
    assert told["never_share_at_half"] > 2 * told["never_share"]


def test_an_unknown_link_and_nothing_at_risk_are_refused() -> None:
    with pytest.raises(WrongUse):
        binomial_fit(np.ones((1, 1)), np.ones(1), np.ones(1), "probit")
    with pytest.raises(WrongUse):
        binomial_fit(np.ones((1, 1)), np.zeros(1), np.zeros(1))
