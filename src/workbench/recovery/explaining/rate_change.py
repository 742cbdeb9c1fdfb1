"""Why a rate is not what it was: one-offs, mix and behaviour, and for the cash also volume; the parts add up exactly
(docs/methods/rate_change.md).

Exact fractions are worked out, and rounded once, cumulatively: the steps of the waterfall add up to its ends to the centime.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from workbench.errors import WrongUse
from workbench.money import round_half_away
from workbench.recovery.groups import group_keys

EFFECTS = ("before", "volume", "mix", "behaviour", "one_off", "after")
_AMOUNTS = ["base_centimes", "collected_centimes"]
Group = tuple[object, ...]
Sums = dict[Group, tuple[int, int]]  # group → base, collected


@dataclass(frozen=True)
class RateChange:
    """`effects`: a row a step of the waterfall; `groups`: what each group does to the rate; both as `explain_change` says."""

    effects: pd.DataFrame
    groups: pd.DataFrame


def explain_change(
    before: pd.DataFrame,
    after: pd.DataFrame,
    by: str | Sequence[str] = ("center_code",),
    within: str | Sequence[str] = ("segment_code",),
    one_offs: pd.DataFrame | None = None,
) -> RateChange:
    """The change of a rate (Σ collected ÷ Σ base) and of its cash between two periods, for each group of `within` apart.

    Parameters
    ----------
    before, after
        `within`, `by`, `currency_code`, `base_centimes`, `collected_centimes`; rows of one group are added. From `rate_parts`.
    by
        The groups whose weight (mix) and whose rate (behaviour) may have changed.
    within
        Kinds of debtor that are never pooled. Raises `WrongUse` where a column is in both.
    one_offs
        What a person marks as happening once, already counted in `before` or `after`: `period_code` (`before`, `after`), `within`, `by`, `currency_code` and both
        amounts. It is taken out first; its effect is what it did to the rate of its period.

    Returns
    -------
    `effects`: `currency_code`, `within`, `effect_code` (`EFFECTS`), `rate` (of the period for the ends, else points), `collected_centimes` (likewise): before +
    volume + mix + behaviour + one-off = after, to the centime; the rates likewise, volume having no part in a rate. Null rates where a period
    has nothing to collect: then all of the cash is volume. `groups`: `currency_code`, `within`, `by`, `before_rate`, `after_rate`, `before_share`,
    `after_share` (of the base), `mix_rate`, `behaviour_rate`, points that add up to those of the effects; one-offs are out of it.

    With w the weight of a group and r its rate: mix = Σ (w₁ − w₀)·((r₀ + r₁)/2 − R₀), behaviour = Σ (w₀ + w₁)/2·(r₁ − r₀). A group with
    nothing to collect in one period has the rate of the other: it moves the mix alone.
    """
    outer = group_keys(within)
    inner = [by] if isinstance(by, str) else list(by)
    if shared := set(outer) & set(inner):
        raise WrongUse(f"{', '.join(sorted(shared))} is both in by and in within", "by")
    sides = {code: _sums(table, outer, inner) for code, table in (("before", before), ("after", after))}
    marked = {code: _sums(_of(one_offs, code, outer, inner), outer, inner) for code in sides}
    effects: list[dict[str, object]] = []
    groups: list[dict[str, object]] = []
    for key in sorted({*sides["before"], *sides["after"]}, key=str):
        names = dict(zip(outer, key, strict=True))
        whole = [sides[code].get(key, {}) for code in ("before", "after")]
        plain = [_without(sums, marked[code].get(key, {})) for code, sums in zip(sides, whole, strict=True)]
        moves = _moves(plain[0], plain[1])
        effects += [names | row for row in _steps(whole, plain, moves)]
        rows = _group_rows(plain[0], plain[1], moves)
        groups += [names | dict(zip(inner, group, strict=True)) | row for group, row in rows.items()]
    return RateChange(
        _table(effects, [*outer, "effect_code", "rate", "collected_centimes"]),
        _table(groups, [*outer, *inner, *_RATES]),
    )


_RATES = ("before_rate", "after_rate", "before_share", "after_share", "mix_rate", "behaviour_rate")


def rate_parts(
    sums: pd.DataFrame, by: str | Sequence[str] = ("center_code", "segment_code"), reading: str = ""
) -> pd.DataFrame:
    """What `explain_change` takes, from `rate_sums` of a period: `currency_code`, `by`, `side_code` (`current`, `arrears`), `base_centimes`, `collected_centimes`.

    `reading` as in `rate_sums`: empty, `due_` or `ht_`.
    """
    keys = group_keys(by, sums)
    parts = []
    for side in ("current", "arrears"):
        names = {f"{reading}{side}_{what}": what for what in _AMOUNTS}
        parts.append(sums[[*keys, *names]].rename(columns=names).assign(side_code=side))
    table = pd.concat(parts, ignore_index=True)
    summed: pd.DataFrame = table.groupby([*keys, "side_code"], dropna=False)[_AMOUNTS].sum().reset_index()
    return summed


def _of(one_offs: pd.DataFrame | None, code: str, outer: list[str], inner: list[str]) -> pd.DataFrame:
    if one_offs is None:
        return pd.DataFrame(columns=[*outer, *inner, *_AMOUNTS])
    if unknown := set(one_offs["period_code"]) - {"before", "after"}:
        raise WrongUse(
            f"no period is called {', '.join(map(str, sorted(unknown)))}", "one_offs.period_code", "before, after"
        )
    return one_offs[one_offs["period_code"] == code]


def _sums(table: pd.DataFrame, outer: list[str], inner: list[str]) -> dict[Group, Sums]:
    found: dict[Group, Sums] = {}
    summed = table.groupby([*outer, *inner], dropna=False)[_AMOUNTS].sum().reset_index()
    plain = summed.astype(object).where(summed.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        key, group = row[: len(outer)], row[len(outer) : -2]
        found.setdefault(key, {})[group] = (int(row[-2]), int(row[-1]))
    return found


def _without(sums: Sums, taken: Sums) -> Sums:
    """Sums less what is taken out of them; a one-off of a group that is not there leaves it below zero, which is told by its rate."""
    groups = {*sums, *taken}
    left = {
        group: tuple(a - b for a, b in zip(sums.get(group, (0, 0)), taken.get(group, (0, 0)), strict=True))
        for group in groups
    }
    return {group: (base, cash) for group, (base, cash) in left.items()}


def _whole(sums: Sums) -> tuple[int, int]:
    return sum(base for base, _ in sums.values()), sum(cash for _, cash in sums.values())


def _rate(sums: Sums) -> Fraction | None:
    base, cash = _whole(sums)
    return Fraction(cash, base) if base > 0 else None


def _moves(before: Sums, after: Sums) -> dict[Group, tuple[Fraction, Fraction]]:
    """What each group does to the rate by its weight and by its own rate; they add up to the change. None where a period has no rate."""
    mean, now = _rate(before), _rate(after)
    if mean is None or now is None:
        return {}
    bases = _whole(before)[0], _whole(after)[0]
    found: dict[Group, tuple[Fraction, Fraction]] = {}
    for group in sorted({*before, *after}, key=str):
        sides = [side.get(group, (0, 0)) for side in (before, after)]
        weights = [Fraction(base, whole) for (base, _), whole in zip(sides, bases, strict=True)]
        rates = [Fraction(cash, base) if base else None for base, cash in sides]
        # Cash in a group that had nothing to collect belongs to no weight: it is behaviour, on the base of all.
        loose = [Fraction(0 if base else cash, whole) for (base, cash), whole in zip(sides, bases, strict=True)]
        first = next((rate for rate in rates if rate is not None), Fraction(0))
        last = next((rate for rate in reversed(rates) if rate is not None), Fraction(0))
        mix = (weights[1] - weights[0]) * ((first + last) / 2 - mean)
        found[group] = mix, (weights[0] + weights[1]) / 2 * (last - first) + loose[1] - loose[0]
    return found


def _steps(
    whole: list[Sums], plain: list[Sums], moves: dict[Group, tuple[Fraction, Fraction]]
) -> list[dict[str, object]]:
    """The waterfall of one group of `within`."""
    rates = [_rate(sums) for sums in whole]
    own = [_rate(sums) for sums in plain]
    cash = [_whole(sums)[1] for sums in whole]
    (base_before, cash_before), (base_after, cash_after) = (_whole(sums) for sums in plain)
    mix, behaviour = (sum((move[side] for move in moves.values()), Fraction(0)) for side in (0, 1))
    told = [rate for rate in (*rates, *own) if rate is not None]
    is_told = len(told) == 4
    volume = Fraction(cash_after - cash_before)
    if own[0] is not None and own[1] is not None:
        volume = (base_after - base_before) * own[0]
    taken = Fraction((cash[1] - cash_after) - (cash[0] - cash_before))
    amounts = [Fraction(cash[0]), volume, mix * base_after, behaviour * base_after, taken]
    once = (told[1] - told[3]) - (told[0] - told[2]) if is_told else None
    points = [rates[0], *([Fraction(0), mix, behaviour, once] if is_told else [None] * 4), rates[1]]
    sums, rounded = Fraction(0), [0]
    for amount in amounts:
        sums += amount
        rounded.append(round_half_away(sums))
    steps = [later - earlier for earlier, later in itertools.pairwise(rounded)]
    return [
        {"effect_code": code, "rate": None if point is None else float(point), "collected_centimes": step}
        for code, point, step in zip(EFFECTS, points, [*steps, cash[1]], strict=True)
    ]


def _group_rows(
    before: Sums, after: Sums, moves: dict[Group, tuple[Fraction, Fraction]]
) -> dict[Group, dict[str, object]]:
    rows: dict[Group, dict[str, object]] = {}
    bases = _whole(before)[0], _whole(after)[0]
    for group in sorted({*before, *after}, key=str):
        row: dict[str, object] = {}
        for name, side, whole in zip(("before", "after"), (before, after), bases, strict=True):
            base, cash = side.get(group, (0, 0))
            row[f"{name}_rate"] = cash / base if base > 0 else None
            row[f"{name}_share"] = base / whole if whole > 0 else None
        mix, behaviour = moves.get(group, (None, None))
        row |= {
            "mix_rate": None if mix is None else float(mix),
            "behaviour_rate": None if behaviour is None else float(behaviour),
        }
        rows[group] = row
    return rows


def _table(rows: list[dict[str, object]], names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=names)
    kinds = {
        name: "Int64" if name.endswith("_centimes") else "Float64"
        for name in names
        if name.endswith(("_centimes", "_rate", "_share")) or name == "rate"
    }
    return table.astype(kinds)
