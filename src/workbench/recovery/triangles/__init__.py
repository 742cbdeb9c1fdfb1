"""Vintage × age: how far the bills of each month have come in, how far they will, and how sure we are."""

from workbench.recovery.triangles.book import TriangleBook, triangle_book
from workbench.recovery.triangles.bornhuetter_ferguson import (
    BornhuetterFerguson,
    PriorRate,
    bornhuetter_ferguson,
    prior_rate,
)
from workbench.recovery.triangles.chain_ladder import ChainLadder, Completed, chain_ladder
from workbench.recovery.triangles.diagnostics import CalendarTest, calendar_test, residuals, residuals_by
from workbench.recovery.triangles.grid import Grid
from workbench.recovery.triangles.hidden_diagonals import MODELS, hidden_diagonals, models_for, race_of_models
from workbench.recovery.triangles.poisson import OverDispersedPoisson, over_dispersed_poisson
from workbench.recovery.triangles.triangle import Triangle
from workbench.recovery.triangles.ultimate_rates import (
    IntervalCheck,
    UltimateRates,
    check_intervals,
    ultimate_rates,
)

__all__ = [
    "MODELS",
    "BornhuetterFerguson",
    "CalendarTest",
    "ChainLadder",
    "Completed",
    "Grid",
    "IntervalCheck",
    "OverDispersedPoisson",
    "PriorRate",
    "Triangle",
    "TriangleBook",
    "UltimateRates",
    "bornhuetter_ferguson",
    "calendar_test",
    "chain_ladder",
    "check_intervals",
    "hidden_diagonals",
    "models_for",
    "over_dispersed_poisson",
    "prior_rate",
    "race_of_models",
    "residuals",
    "residuals_by",
    "triangle_book",
    "ultimate_rates",
]
