"""New labels: what no rule takes, by shape and amount, each beside the known label that it is most like. A person decides.

A suggestion is a likeness of two texts and no more: nothing is classified by it until a person accepts it (`label_answers`).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from workbench.cash.lines.flow_rules import OWN_TRANSFER, UNCLASSIFIED
from workbench.cash.lines.label_shapes import shapes_of

LEAST_SCORE = 60.0  # of 100: below it two labels have little more in common than letters, and nothing is suggested
KEYS = ["label_shape", "direction", "format_code", "operation_code", "currency_code"]
_CHUNK = 256  # new labels compared at once with every known one: bounds the memory


def unclassified(classified: pd.DataFrame) -> pd.DataFrame:
    """What no rule takes, by shape of the label.

    `classified` as from `classify`. A row a shape, direction (`in`, `out`), format, operation code and currency: `line_count`,
    `amount_centimes` (signed), `first_date`, `last_date`, `example` (the first label); largest amount first, in each currency.
    """
    rows = _by_shape(classified[classified["line_code"] == UNCLASSIFIED])
    grouped = rows.groupby(KEYS, sort=True, dropna=False)
    found = grouped.agg(
        line_count=("amount_centimes", "size"),
        amount_centimes=("amount_centimes", "sum"),
        first_date=("day_date", "min"),
        last_date=("day_date", "max"),
        example=("label", "first"),
    ).reset_index()
    found = found.astype({"line_count": "Int64", "amount_centimes": "Int64"})
    order = found.assign(size=found["amount_centimes"].abs()).sort_values("size", ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def known_labels(classified: pd.DataFrame) -> pd.DataFrame:
    """The shapes whose lines all went to one line of the plan: `label_shape`, `direction`, `line_code`, `line_count`, sorted.

    A shape of several lines (a transfer received, which its payer decides) says nothing of a new label, nor do own transfers.
    """
    is_known = ~classified["line_code"].isin([UNCLASSIFIED, OWN_TRANSFER])
    rows = _by_shape(classified[is_known])
    grouped = rows[rows["label_shape"] != ""].groupby(["label_shape", "direction"], sort=True)["line_code"]
    known = grouped.agg(line_code="first", line_count="size", codes="nunique").reset_index()
    return known[known["codes"] == 1].drop(columns="codes").reset_index(drop=True)


def suggest(new: pd.DataFrame, known: pd.DataFrame, least: float = LEAST_SCORE) -> pd.DataFrame:
    """Beside each new label the line of the known one of its direction that it is most like.

    Parameters
    ----------
    new, known
        As from `unclassified` and `known_labels`.
    least
        Score of 100 below which nothing is suggested: likeness of the words whatever their order (rapidfuzz `token_sort_ratio`).

    Returns
    -------
    `new` with `suggested_line_code`, `like_shape`, `score` (null where nothing is like enough). Of two known labels equally like, the
    one with more lines, then the first in order.
    """
    told = new.assign(suggested_line_code=None, like_shape=None, score=np.nan)
    for direction, mine in new[new["label_shape"] != ""].groupby("direction"):
        others = known[known["direction"] == direction].sort_values(
            ["line_count", "label_shape"], ascending=[False, True]
        )
        if len(others):
            best, score = _nearest(mine["label_shape"].tolist(), others["label_shape"].tolist())
            enough = score >= least
            rows, places = mine.index[enough], best[enough]
            told.loc[rows, "suggested_line_code"] = others["line_code"].to_numpy(object)[places]
            told.loc[rows, "like_shape"] = others["label_shape"].to_numpy(object)[places]
            told.loc[rows, "score"] = np.round(score[enough], 1)
    return told.astype({"suggested_line_code": "str", "like_shape": "str"})


def _nearest(new: list[str], known: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    best, score = [], []
    for start in range(0, len(new), _CHUNK):
        likeness = process.cdist(new[start : start + _CHUNK], known, scorer=fuzz.token_sort_ratio, dtype=np.float64)
        best.append(likeness.argmax(axis=1))
        score.append(likeness.max(axis=1))
    return np.concatenate(best).astype(np.int64), np.concatenate(score)


def _by_shape(lines: pd.DataFrame) -> pd.DataFrame:
    codes, shapes = shapes_of(lines["label"])
    named: dict[str, Any] = {
        "label_shape": pd.array([shapes[code] for code in codes], dtype="str"),
        "direction": np.where(lines["amount_centimes"].to_numpy(np.int64) < 0, "out", "in"),
        "operation_code": lines["operation_code"].fillna(""),
    }
    return lines.assign(**named)
