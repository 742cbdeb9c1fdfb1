"""Weekly hazards of payment, fitted on exposure tables: age × kind of bill, season, amount, past behaviour, class of centre, dispute.

A binomial model with a complementary log-log or logit link on counts (payments among the bills at risk), by iterated least squares on the
normal equations: its cost is that of some thousand rows, whatever the number of bills. Season, classes and kinds are drawn towards none by a
small penalty, so that a kind with a few bills has the ages of all. Other exits compete: each has its own rate by age.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.collection_curves import added_up
from workbench.recovery.payment_times.exposure import CENTER_CLASSES, Exposure
from workbench.recovery.receipt_lags import CELL

Integers = npt.NDArray[np.int64]
Places = Integers | np.int64
AGE_EDGES = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40, 52, 78])  # weeks, left edges of the bins of age
LINKS = ("cloglog", "logit")
OTHER_EXITS = ("credited", "written_off", "handed_over")
PENALTY = (
    1.0  # prior of an effect, 1 ÷ variance on the scale of the link: nothing beside thousands of bills, much beside ten
)
_TINY = 1e-6
_BINS, _MONTHS = len(AGE_EDGES), 12


@dataclass(frozen=True)
class Cubes:
    """Bills and money of an exposure laid out, each (cells, cohorts, weeks); week 0 is `exposure.first_week`; only cells that hold a bill.

    `settled`: cash, stamps and compensations.
    """

    exposure: Exposure
    cells: pd.DataFrame
    at_risk: Floats
    payments: Floats
    money: Floats
    cash: Floats
    settled: Floats
    others: dict[str, Floats]

    @property
    def numbers(self) -> Integers:
        """The number that each cell has in the tables of the exposure."""
        entries, book = self.exposure.entries["cell"], self.exposure.book["cell"]
        found: Integers = np.unique(np.concatenate([entries.to_numpy(np.int64), book.to_numpy(np.int64)]))
        return found

    @property
    def kinds(self) -> Integers:
        """The kind (`CELL`) of each cell, as a place among `kind_names`."""
        return self.cells["kind"].to_numpy(np.int64)


def cubes_of(exposure: Exposure) -> Cubes:
    """Lay an exposure out. At risk in a week: what entered by then less what left before it."""
    present = np.unique(np.concatenate([exposure.entries["cell"].to_numpy(np.int64), exposure.book["cell"].to_numpy(np.int64)]))  # fmt: skip
    cells = exposure.cells.iloc[present].reset_index(drop=True)
    count = exposure.weeks

    def laid(table: pd.DataFrame, amount: str, last_week: int = count) -> Floats:
        week = table["week"].to_numpy(np.int64) - exposure.first_week
        cohort = table["cohort_week"].to_numpy(np.int64) - exposure.first_week
        inside = (week < last_week) & (cohort < count)
        cell = np.searchsorted(present, table["cell"].to_numpy(np.int64))
        place = (cell * count + cohort) * count + week
        amounts = table[amount].to_numpy(np.float64)
        return added_up(place[inside], amounts[inside], len(present) * count * count).reshape(-1, count, count)

    exits, receipts = exposure.exits, exposure.receipts
    leaving, entering = laid(exits, "invoice_count"), laid(exposure.entries, "invoice_count")
    at_risk = np.cumsum(entering, axis=2) - np.cumsum(leaving, axis=2) + leaving
    cash = laid(receipts, "cash_centimes") / 100
    settled = cash + laid(receipts, "gone_centimes") / 100
    gone = settled + laid(exits, "gone_centimes") / 100
    money = np.cumsum(laid(exposure.entries, "amount_centimes") / 100, axis=2) - np.cumsum(gone, axis=2) + gone
    others = {name: laid(exits[exits["exit_code"] == name], "invoice_count") for name in OTHER_EXITS}
    return Cubes(exposure, cells, at_risk, laid(receipts, "payment_count"), np.maximum(money, 0), cash, settled, others)


@dataclass(frozen=True)
class Hazards:
    """Fitted hazards. `own` (cells,): amount, behaviour, class of centre, dispute; `base` (kinds, bins) and `season` (kinds, 12), all on the
    scale of the link; `others` (kinds, bins): weekly rate of each other exit, together; `by_exit` the same one by one; `cash_share` (kinds, bins):
    cash that a payment expected brings, of what is open (part payments, stamps); `settled_share`: the same with stamps. `effects`: `effect_code`, `kind`, `level`, `estimate`, `se`.
    """

    link: str
    cells: pd.DataFrame
    own: Floats
    base: Floats
    season: Floats
    others: Floats
    by_exit: dict[str, Floats]
    cash_share: Floats
    settled_share: Floats
    effects: pd.DataFrame

    def at(self, cell: Places, age: Places, month: Places) -> Floats:
        """Chance that a bill of a cell, open at an age in weeks, is paid in a week of a month (0–11); arrays that broadcast."""
        kind = self.cells["kind"].to_numpy(np.int64)[cell]
        return inverse(self.own[cell] + self.base[kind, bin_of(age)] + self.season[kind, month], self.link)


def bin_of(age: Places) -> Integers:
    """The bin of ages in weeks."""
    found: Integers = np.searchsorted(AGE_EDGES, np.maximum(age, 0), side="right") - 1
    return found


def month_of(week: Places) -> Integers:
    """The calendar month (0–11) of the Thursday of a week counted from 1970."""
    found: Integers = (np.asarray(week) * 7).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % _MONTHS
    return found


def inverse(eta: Floats, link: str) -> Floats:
    """The chance behind a value on the scale of the link."""
    bounded = np.clip(eta, -30.0, 3.0 if link == "cloglog" else 30.0)
    found: Floats = -np.expm1(-np.exp(bounded)) if link == "cloglog" else 1 / (1 + np.exp(-bounded))
    return found


def binomial_fit(
    design: Floats, events: Floats, trials: Floats, link: str = "cloglog", penalty: Floats | float = 0.0
) -> tuple[Floats, Floats]:
    """Coefficients and standard errors of a binomial model on counts, by Fisher scoring; `penalty` is 1 ÷ prior variance, by column.

    Raises `WrongUse` for an unknown link or where nothing is at risk.
    """
    if link not in LINKS:
        raise WrongUse(f"no link is called {link!r}", "link", f"known: {', '.join(LINKS)}")
    if not len(trials) or (trials <= 0).any():
        raise WrongUse("a row without a bill at risk tells nothing", "trials")
    share = (np.minimum(events, trials) + 0.5) / (trials + 1)
    eta = np.log(-np.log1p(-share)) if link == "cloglog" else np.log(share / (1 - share))
    prior = np.diag(np.broadcast_to(np.asarray(penalty, np.float64) + _TINY, design.shape[1]))
    seen = np.minimum(events, trials) / trials
    for _ in range(50):
        mean = np.clip(inverse(eta, link), 1e-12, 1 - 1e-12)
        slope = np.exp(eta - np.exp(eta)) if link == "cloglog" else mean * (1 - mean)
        weight = trials * slope**2 / (mean * (1 - mean))
        information = design.T @ (design * weight[:, None]) + prior
        found = np.linalg.solve(information, design.T @ (weight * (eta + (seen - mean) / slope)))
        before, eta = eta, np.clip(design @ found, -30.0, 3.0 if link == "cloglog" else 30.0)
        if np.abs(eta - before).max() < 1e-8:
            break
    errors: Floats = np.sqrt(np.diag(np.linalg.inv(information)))
    return found, errors


def fit_hazards(cubes: Cubes, link: str = "cloglog", window: int = 156) -> Hazards:
    """Fit on the last `window` complete weeks. Raises `WrongUse` where no bill was at risk in them."""
    table = _summed(cubes, window)
    kinds = int(cubes.kinds.max()) + 1
    design, penalty = _design(table, cubes, kinds)
    used = design.any(axis=0)
    found, errors = binomial_fit(design[:, used], table["paid"], table["risk"], link, penalty[used])
    values, se = np.zeros(design.shape[1]), np.full(design.shape[1], np.nan)
    values[used], se[used] = found, errors
    parts = _parts(values, kinds)
    attributes = [cubes.cells[name].to_numpy(np.int64) for name in _CLASSES]
    own = np.sum([parts[name][place] for name, place in zip(_CLASSES, attributes, strict=True)], axis=0)
    base = parts["age"][None, :] + parts["kind_age"]
    hazards = Hazards(link, cubes.cells, own, base, parts["season"], *_other_rates(cubes, window, kinds), np.ones((kinds, _BINS)), np.ones((kinds, _BINS)), _told(values, se, kinds))  # fmt: skip
    return _with_cash_share(hazards, cubes, window)


_CLASSES = ("amount_class", "behaviour_class", "center_class", "is_disputed")
_SIZES = (3, 3, CENTER_CLASSES, 2)
_REFERENCE = (1, 0, CENTER_CLASSES // 2, 0)  # the middle amount, no history, the middle class of centres, no dispute


def _layout(kinds: int) -> dict[str, tuple[int, int]]:
    """First column and number of columns of each part of the design."""
    sizes = {"age": _BINS, "kind_age": kinds * _BINS, "season": kinds * _MONTHS} | dict(zip(_CLASSES, _SIZES, strict=True))  # fmt: skip
    found, first = {}, 0
    for name, size in sizes.items():
        found[name] = (first, size)
        first += size
    return found


def _design(table: dict[str, Floats], cubes: Cubes, kinds: int) -> tuple[Floats, Floats]:
    layout = _layout(kinds)
    columns = sum(size for _, size in layout.values())
    cell, age, month = (table[name].astype(np.int64) for name in ("cell", "bin", "month"))
    kind, rows = cubes.kinds[cell], np.arange(len(cell))
    design, penalty = np.zeros((len(cell), columns)), np.full(columns, PENALTY)
    places = {"age": age, "kind_age": kind * _BINS + age, "season": kind * _MONTHS + month}
    places |= {name: cubes.cells[name].to_numpy(np.int64)[cell] for name in _CLASSES}
    for name, place in places.items():
        design[rows, layout[name][0] + place] = 1
    for name, reference in zip(_CLASSES, _REFERENCE, strict=True):
        design[:, layout[name][0] + reference] = 0
    penalty[: layout["age"][1]] = 0.01
    return design, penalty


def _parts(values: Floats, kinds: int) -> dict[str, Floats]:
    layout = _layout(kinds)
    parts = {name: values[first : first + size] for name, (first, size) in layout.items()}
    parts["kind_age"] = parts["kind_age"].reshape(kinds, _BINS)
    parts["season"] = parts["season"].reshape(kinds, _MONTHS)
    return parts


def _told(values: Floats, se: Floats, kinds: int) -> pd.DataFrame:
    rows = []
    for name, (first, size) in _layout(kinds).items():
        per_kind = {"kind_age": _BINS, "season": _MONTHS}.get(name)
        place = np.arange(size)
        rows.append(pd.DataFrame({
            "effect_code": name, "kind": place // per_kind if per_kind else -1, "level": place % per_kind if per_kind else place,
            "estimate": values[first : first + size], "se": se[first : first + size],
        }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _summed(cubes: Cubes, window: int) -> dict[str, Floats]:
    """Rows of the model: cell, bin of age, month, with bills at risk and payments."""
    count = cubes.exposure.weeks
    cohort, week = np.indices((count, count))
    inside = (week >= cohort) & (week >= count - window)
    bins, month = bin_of((week - cohort)[inside]), month_of(cubes.exposure.first_week + week[inside])
    place = bins * _MONTHS + month
    size = _BINS * _MONTHS
    risk, paid = (np.stack([added_up(place, cube[inside], size) for cube in cubes_]) for cubes_ in (cubes.at_risk, cubes.payments))  # fmt: skip
    cell, at = np.nonzero(risk > 0)
    if not len(cell):
        raise WrongUse("no bill was at risk", "window")
    found = {"cell": cell, "bin": at // _MONTHS, "month": at % _MONTHS}
    return {name: place.astype(np.float64) for name, place in found.items()} | {
        "risk": risk[cell, at],
        "paid": paid[cell, at],
    }


def _by_kind_and_bin(cubes: Cubes, cube: Floats, window: int, kinds: int) -> Floats:
    count = cubes.exposure.weeks
    cohort, week = np.indices((count, count))
    inside = (week >= cohort) & (week >= count - window)
    bins = bin_of((week - cohort)[inside])
    found = np.zeros((kinds, _BINS))
    for cell, kind in enumerate(cubes.kinds):
        found[kind] += added_up(bins, cube[cell][inside], _BINS)
    return found


def _other_rates(cubes: Cubes, window: int, kinds: int) -> tuple[Floats, dict[str, Floats]]:
    """Weekly rates of the other exits by kind and bin, a kind of few bills drawn to all kinds (a hundred bills of all beside its own)."""
    risk = _by_kind_and_bin(cubes, cubes.at_risk, window, kinds)
    by_exit = {}
    for name, cube in cubes.others.items():
        left = _by_kind_and_bin(cubes, cube, window, kinds)
        whole = left.sum(axis=0) / np.maximum(risk.sum(axis=0), 1)
        by_exit[name] = (left + 100 * whole) / (risk + 100)
    total: Floats = np.sum(list(by_exit.values()), axis=0)
    return total, by_exit


def _with_cash_share(hazards: Hazards, cubes: Cubes, window: int) -> Hazards:
    """Money of each kind and bin ÷ that of the payments expected there, drawn to that of its kind."""
    count = cubes.exposure.weeks
    cohort, week = np.indices((count, count))
    month = month_of(cubes.exposure.first_week + week)
    kinds = hazards.base.shape[0]
    expected = np.zeros((kinds, _BINS))
    inside = (week >= cohort) & (week >= count - window)
    age, months = (week - cohort)[inside], month[inside]
    bins = bin_of(age)
    for cell, kind in enumerate(cubes.kinds):
        eta = hazards.own[cell] + hazards.base[kind, bins] + hazards.season[kind, months]
        expected[kind] += added_up(bins, cubes.money[cell][inside] * inverse(eta, hazards.link), _BINS)
    cash, settled = (_by_kind_and_bin(cubes, cube, window, kinds) for cube in (cubes.cash, cubes.settled))
    shares = {"cash_share": _share(cash, expected), "settled_share": _share(settled, expected)}
    return Hazards(**{**hazards.__dict__, **shares})


def _share(came: Floats, expected: Floats) -> Floats:
    whole = expected.sum(axis=1, keepdims=True)
    of_kind = came.sum(axis=1, keepdims=True) / np.maximum(whole, 1e-9)
    prior = 0.02 * whole
    share = np.where(whole > 0, (came + prior * of_kind) / np.maximum(expected + prior, 1e-9), 1.0)
    drawn: Floats = np.clip(share, 0.0, 2.0)
    return drawn


def never_paid(hazards: Hazards, cubes: Cubes) -> pd.DataFrame:
    """Bills that are never paid, as a mixture: of each kind, the share of those issued that the hazards leave at the last age reached.

    Returns `CELL`, `age_weeks` (of the last bin that held a bill), `never_share`, `tail_hazard` (weekly, at that age; where it is not near nil
    the share is only an upper bound), `never_share_at_half` (given that a bill is still open at half of that age: share ÷ survival).
    """
    kinds = hazards.base.shape[0]
    risk = _by_kind_and_bin(cubes, cubes.at_risk, cubes.exposure.weeks, kinds)
    paid = _by_kind_and_bin(cubes, cubes.payments, cubes.exposure.weeks, kinds)
    rows = []
    for kind in range(kinds):
        names = cubes.cells.loc[cubes.cells["kind"] == kind, list(CELL)]
        if names.empty:
            continue
        rate = np.minimum(paid[kind] / np.maximum(risk[kind], 1), 1.0)
        last = int(np.flatnonzero(risk[kind] > 0).max())
        end = int(min(AGE_EDGES[last + 1] if last + 1 < _BINS else cubes.exposure.weeks, cubes.exposure.weeks))
        alive = np.cumprod(1 - rate[bin_of(np.arange(max(end, 1)))])
        never = float(alive[-1])
        rows.append({**names.iloc[0].to_dict(), "age_weeks": end, "never_share": never, "tail_hazard": float(rate[last]),
                     "never_share_at_half": never / float(alive[len(alive) // 2]) if alive[len(alive) // 2] > 0 else 0.0})  # fmt: skip
    return pd.DataFrame(rows)


def center_ratios(hazards: Hazards, cubes: Cubes) -> pd.Series:
    """By centre, payments seen ÷ expected of the ages its bills lived, drawn to 1 as far as centres differ no more than chance would have them.

    Over and above the class of the centre, which the hazards hold already.
    """
    exposure, count = cubes.exposure, cubes.exposure.weeks
    cohort, week = np.indices((count, count))
    inside = week >= cohort
    age, month = (week - cohort)[inside], month_of(exposure.first_week + week[inside])
    number = {int(cell): place for place, cell in enumerate(cubes.numbers)}
    lived = np.zeros((len(cubes.cells), count))
    for cell in range(len(cubes.cells)):
        risk = cubes.at_risk[cell][inside]
        rate = hazards.at(np.int64(cell), age, month)
        held = added_up(age, risk, count)
        lived[cell] = np.cumsum(added_up(age, risk * rate, count) / np.where(held > 0, held, 1.0))
    ages = exposure.ages
    place = np.array([number[int(cell)] for cell in ages["cell"]], np.int64)
    hoped = ages["invoice_count"].to_numpy(np.float64) * lived[place, ages["age_weeks"].to_numpy(np.int64)]
    expected = pd.Series(hoped).groupby(ages["center_code"]).sum()
    seen = exposure.paid.groupby("center_code")["payment_count"].sum().reindex(expected.index).fillna(0).astype("float64")  # fmt: skip
    raw = (seen / expected.where(expected > 0)).fillna(1.0)
    spread = max(float(((raw - 1) ** 2 - 1 / expected.clip(lower=1)).mean()), 0.0)
    weight = expected * spread / (expected * spread + 1)
    found: pd.Series = 1 + weight * (raw - 1)
    return found
