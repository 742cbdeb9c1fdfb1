"""Models of triangles judged on what they did not see: the last diagonals are hidden, said again, and held against what came.

Each model races the naive one; it is named best only where it wins, and the page of the race keeps those that lost.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from workbench.errors import WrongUse
from workbench.recovery.triangles.bornhuetter_ferguson import bornhuetter_ferguson
from workbench.recovery.triangles.chain_ladder import Completed, chain_ladder
from workbench.recovery.triangles.poisson import over_dispersed_poisson
from workbench.recovery.triangles.triangle import Triangle
from workbench.recovery.triangles.ultimate_rates import LEVEL, Model

NAIVE = "naive"


def last_steps(triangle: Triangle) -> Completed:
    """The naive model: each vintage goes on as the last one did that made the step."""
    return chain_ladder(triangle, window=1)


def poisson_of_seasons(triangle: Triangle) -> Completed:
    """Over-dispersed Poisson with the months (quarters) of the year."""
    return over_dispersed_poisson(triangle, "season")


def older_rates(triangle: Triangle) -> Completed:
    """Bornhuetter–Ferguson with the chain ladder's shares."""
    return bornhuetter_ferguson(triangle)


def older_rates_of_seasons(triangle: Triangle) -> Completed:
    """Bornhuetter–Ferguson with the shares of the Poisson model with seasons."""
    return bornhuetter_ferguson(triangle, poisson_of_seasons(triangle))


MODELS: Mapping[str, Model] = {
    NAIVE: last_steps,
    "chain_ladder": chain_ladder,
    "poisson": over_dispersed_poisson,
    "poisson_seasons": poisson_of_seasons,
    "bornhuetter_ferguson": older_rates,
    "bornhuetter_ferguson_seasons": older_rates_of_seasons,
}


def models_for(triangle: Triangle) -> dict[str, Model]:
    """Those of `MODELS` that a triangle has what they ask for: seasons, amounts billed."""
    has_billed = bool((np.nan_to_num(triangle.billed) > 0).any())
    return {
        name: model
        for name, model in MODELS.items()
        if (triangle.cycle or not name.endswith("seasons")) and (has_billed or not name.startswith("bornhuetter"))
    }


def hidden_diagonals(
    triangle: Triangle, models: Mapping[str, Model] | None = None, *, count: int = 6, horizon: int = 1
) -> pd.DataFrame:
    """What models said of the diagonals that were hidden from them, and what came.

    Parameters
    ----------
    models
        By default `models_for` the triangle.
    count
        Origins: the last periods before which the triangle is cut, a period apart.
    horizon
        Periods that are said at each; what is compared is what came in over all of them.

    Returns
    -------
    keys, `model_code`, `hidden_count` (periods hidden), `vintage_date`, `age` (reached by the end), `said_mad`, `came_mad` (over the horizon), `error_mad`
    (the model's standard error), `is_inside` (what came lies in its 80 % interval; null where it has none). Vintages that had not begun, and cells
    that are not over, are never compared. Raises `WrongUse` where `count` or `horizon` is below 1.
    """
    if count < 1 or horizon < 1:
        raise WrongUse("at least one diagonal is hidden, one period ahead", "count")
    reach = float(ndtri((1 + LEVEL) / 2))
    parts = []
    for hidden in range(horizon, horizon + count):
        before, now = triangle.hidden(hidden), triangle.hidden(hidden - horizon)
        if not before.is_known.any():
            break
        start, end = before.reached, now.reached
        rows = np.flatnonzero((start >= 0) & (end > start))
        for name, model in (models or models_for(triangle)).items():
            found = model(before)
            said = found.full[rows, end[rows]] - before.latest[rows]
            came = now.latest[rows] - before.latest[rows]
            error = found.errors[rows, end[rows]]
            inside = pd.array(np.abs(came - said) <= reach * error, dtype="boolean")
            inside[np.isnan(error)] = pd.NA
            part = {
                **{key: [value] * len(rows) for key, value in triangle.keys.items()},
                "model_code": name,
                "hidden_count": hidden,
                "vintage_date": triangle.vintages[rows].astype("datetime64[s]"),
                "age": triangle.ages[end[rows]],
                "said_mad": said,
                "came_mad": came,
                "error_mad": error,
                "is_inside": inside,
            }
            parts.append(pd.DataFrame(part))
    names = ["model_code", "hidden_count", "vintage_date", "age", "said_mad", "came_mad", "error_mad", "is_inside"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*triangle.keys, *names])


def race_of_models(said: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """The score of each model, over the cells of which every model said something; one that says nothing at all does not run.

    `said` as from `hidden_diagonals`, of one triangle or several; `by`: keys whose triangles race apart.

    Returns
    -------
    `by`, `model_code`, `cell_count`, `wape` (Σ |said − came| ÷ Σ |came|), `total_error` (mean over origins of |Σ said − Σ came| ÷ |Σ came|), `bias`
    (Σ said − Σ came ÷ Σ |came|), `coverage_80` (share inside the interval), `is_best` (least WAPE; the naive one unless another is below it).
    """
    cell = [
        name for name in said.columns if name not in ("model_code", "said_mad", "came_mad", "error_mad", "is_inside")
    ]
    known = said.assign(is_said=said["said_mad"].notna())
    known = known[known.groupby([*by, "model_code"], dropna=False)["is_said"].transform("any")]
    known = known[known.groupby(cell, dropna=False)["is_said"].transform("all")]
    rows = []
    for key, part in known.groupby([*by, "model_code"], dropna=False, sort=True):
        miss, size = part["said_mad"] - part["came_mad"], part["came_mad"].abs().sum()
        sums = part.groupby("hidden_count")[["said_mad", "came_mad"]].sum()
        ratios = (sums["said_mad"] - sums["came_mad"]).abs() / sums["came_mad"].abs().where(sums["came_mad"] != 0)
        inside = part["is_inside"].dropna()
        rows.append(
            {
                **dict(zip([*by, "model_code"], key, strict=True)),
                "cell_count": len(part),
                "wape": miss.abs().sum() / size if size else float("nan"),
                "total_error": ratios.mean(),
                "bias": miss.sum() / size if size else float("nan"),
                "coverage_80": inside.astype("float64").mean() if len(inside) else float("nan"),
            }
        )
    names = [*by, "model_code", "cell_count", "wape", "total_error", "bias", "coverage_80"]
    found = pd.DataFrame(rows, columns=names)
    return found.assign(is_best=_is_best(found, by))


def _is_best(found: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    # Two models that say the same differ by the dust of their sums: the naive one goes first, then by name.
    order = found.assign(wape=found["wape"].round(9), is_rival=found["model_code"] != NAIVE)
    order = order.dropna(subset="wape").sort_values(["wape", "is_rival", "model_code"])
    best = order.drop_duplicates([*by]) if by else order.head(1)
    return pd.Series(found.index.isin(best.index), index=found.index)
