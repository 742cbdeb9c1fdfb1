"""A made-up cash plan, small, that adds up: three accounts, six lines, 30 bank days of paths, known flows among them. All figures are invented."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.builders import table
from workbench.evidence import LEVELS

AS_OF = date(2024, 9, 30)
M = 100_000_000  # centimes in a million dirhams
QUANTILES = ["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad"]
PARTS = ["known", "estimated", "override"]

ACCOUNTS = [("C-00", "Compte central", "A", "head_office"), ("R-01", "Recettes DR 1", "B", "DR1"), ("R-02", "Recettes DR 2", "B", "DR2")]
# line, account, mean a day in MAD, spread of a day in MAD
SERIES = [
    ("receipts_counters", "R-01", 1.9e6, 0.5e6),
    ("receipts_counters", "R-02", 1.4e6, 0.4e6),
    ("receipts_bulk", "C-00", 3.2e6, 2.2e6),
    ("receipts_public", "C-00", 1.6e6, 1.8e6),
    ("energy", "C-00", 0.0, 0.0),
    ("payroll", "C-00", 0.0, 0.0),
    ("suppliers", "C-00", -4.6e6, 1.1e6),
    ("debt_service", "C-00", 0.0, 0.0),
]
# line, bank day, MAD, what it is
KNOWN = [
    ("energy", 14, -31.5e6, "Échéance d'énergie"),
    ("payroll", 19, -38.0e6, "Paie d'octobre"),
    ("debt_service", 22, -24.25e6, "Échéance d'emprunt"),
    ("energy", 36, -30.8e6, "Échéance d'énergie"),
    ("payroll", 40, -38.0e6, "Paie de novembre"),
    ("receipts_public", 30, 22.0e6, "Convention signée"),
]


@dataclass(frozen=True)
class MadeUp:
    """The fields of a cash plan that a page reads."""

    as_of: date
    currency_code: str
    days: pd.DatetimeIndex
    daily_until: date
    series: pd.DataFrame
    known: Any
    estimated: Any
    override: Any
    paths: Any
    naive: Any
    opening: pd.DataFrame
    floor_centimes: int | None
    notes: dict[str, Any] = field(default_factory=dict)

    def _periods(self, period: str) -> pd.DatetimeIndex:
        if period == "day":
            return self.days
        if period == "total":
            return pd.DatetimeIndex([self.days[0]] * len(self.days))
        starts = self.days.to_period("W" if period == "week" else "M").start_time
        return pd.DatetimeIndex(starts)

    def _groups(self, by: tuple[str, ...]) -> list[tuple[tuple[Any, ...], Any]]:
        if not by:
            return [((), np.arange(len(self.series)))]
        found = self.series.groupby(list(by)).indices
        return [(key if isinstance(key, tuple) else (key,), rows) for key, rows in found.items()]

    def flows(self, by: tuple[str, ...] = (), period: str = "day") -> pd.DataFrame:
        """As `CashPlan.flows`."""
        inside = np.asarray(self.days <= pd.Timestamp(self.daily_until)) | (period != "total")
        starts = self._periods(period)
        rows = []
        for key, columns in self._groups(by):
            for start in starts[inside].unique():
                days = np.flatnonzero((starts == start) & inside)
                part = [int(getattr(self, name)[np.ix_(days, columns)].sum()) for name in PARTS]
                path = self.paths[:, days][:, :, columns].sum(axis=(1, 2), dtype=float)
                low = np.quantile(path, LEVELS)
                naive = float(self.naive[np.ix_(days, columns)].sum())
                rows.append((*key, start, *part, sum(part), float(path.mean()), *low, naive))
        names = [f"{name}_centimes" for name in [*PARTS, "plan"]]
        return pd.DataFrame(rows, columns=[*by, "target_date", *names, "mean_mad", *QUANTILES, "naive_mad"])

    def positions(self, by: tuple[str, ...] = ()) -> pd.DataFrame:
        """As `CashPlan.positions`."""
        made = []
        for key, columns in self._groups(by):
            flow = sum(getattr(self, name)[:, columns].sum(axis=1) for name in PARTS)
            numbers = set(self.series.iloc[columns]["account_number"])
            opening = int(self.opening.loc[self.opening["account_number"].isin(numbers), "value_centimes"].sum())
            closing = opening + np.cumsum(flow)
            paths = opening / 100 + self.paths[:, :, columns].sum(axis=2, dtype=float).cumsum(axis=1)
            rows = pd.DataFrame(
                {"day_date": self.days, "opening_centimes": closing - flow, "flow_centimes": flow, "value_centimes": closing}
            )
            for name, values in zip(QUANTILES, np.quantile(paths, LEVELS, axis=0), strict=True):
                rows[name] = values
            for place, (name, value) in enumerate(zip(by, key, strict=True)):
                rows.insert(place, name, value)
            made.append(rows)
        return pd.concat(made, ignore_index=True)

    def balance_paths(self, by: Any = None) -> Any:
        """As `CashPlan.balance_paths`."""
        flow = self.paths.astype(float).cumsum(axis=1)
        if by is None:
            return int(self.opening["value_centimes"].sum()) / 100 + flow.sum(axis=2)
        raise NotImplementedError


def made_up(floor: int | None = 60 * M, days: int = 66, paths: int = 400, opening: int = 141 * M) -> MadeUp:
    """A plan from 30 September 2024: `days` bank days (every weekday), the same at every call."""
    rng = np.random.default_rng([8, 11])
    when = pd.bdate_range(AS_OF + pd.Timedelta(days=1), periods=days)
    shape = (days, len(SERIES))
    estimated, known = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    noise = np.zeros((paths, *shape), np.float32)
    drift = rng.standard_normal((paths, 1, len(SERIES)))
    for n, (_, _, mean, spread) in enumerate(SERIES):
        wave = mean * (1 + 0.35 * np.cos(2 * np.pi * np.arange(days) / 21 + n))
        estimated[:, n] = np.round(wave * 100).astype(np.int64)
        noise[:, :, n] = spread * (rng.standard_normal((paths, days)) + 0.12 * drift[:, :, n])
    for line, day, amount, _ in KNOWN:
        if day < days:
            known[day, next(n for n, one in enumerate(SERIES) if one[0] == line)] += round(amount * 100)
    override = np.zeros(shape, np.int64)
    override[9, 3] = 3 * M
    plan = (known + estimated + override) / 100
    whole = plan[None] + noise - noise.mean(axis=0)
    accounts = {number: (label, bank, directorate) for number, label, bank, directorate in ACCOUNTS}
    series = pd.DataFrame(
        [
            (number, *accounts[number], line, "calendar_ridge" if mean else "known", "won" if mean else "known_only")
            for line, number, mean, _ in SERIES
        ],
        columns=["account_number", "account_label", "bank_code", "directorate_code", "line_code", "model_name", "reason_code"],
    )
    shares = [opening - 2 * (opening // 10), opening // 10, opening // 10]
    balances = pd.DataFrame({"account_number": [a[0] for a in ACCOUNTS], "value_centimes": shares, "state_code": ["proven", "proven", "stale"]})
    return MadeUp(
        AS_OF, "MAD", when, when[min(62, days - 1)].date(), series, known, estimated, override, whole.astype(np.float32),
        estimated / 100 * 0.9, balances, floor, {},
    )  # fmt: skip


def lines() -> pd.DataFrame:
    """Lines of the made-up plan, as `cash.load_lines` gives them."""
    rows = [
        ("receipts_counters", "Encaissements guichets (espèces, chèques)", "Receipts at counters (cash, cheques)", "in", "operating"),
        ("receipts_bulk", "Encaissements production (régies, SRM)", "Receipts of bulk clients", "in", "operating"),
        ("receipts_public", "Encaissements État et communes", "Receipts of the State and municipalities", "in", "operating"),
        ("energy", "Énergie", "Energy", "out", "operating"),
        ("payroll", "Paie et charges sociales", "Payroll and social charges", "out", "operating"),
        ("suppliers", "Fournisseurs", "Suppliers", "out", "operating"),
        ("debt_service", "Service de la dette", "Debt service", "both", "financing"),
    ]
    return pd.DataFrame(rows, columns=["line_code", "label_fr", "label_en", "direction", "kind"])


def known_flows() -> pd.DataFrame:
    """The known flows of the made-up plan, as `cash.known_flows` gives them."""
    plan = made_up()
    rows = [
        (f"K{n}", "C-00", "MAD", line, plan.days[day], plan.days[day], round(amount * 100), "calendar", "certain", name, False, False, False)
        for n, (line, day, amount, name) in enumerate(KNOWN, 1)
    ]
    names = "flow_id account_number currency_code line_code due_date flow_date amount_centimes flow_source_code certainty_code counterparty"
    return pd.DataFrame(rows, columns=[*names.split(), "is_moved", "is_date_estimated", "is_overdue"])


def position() -> pd.DataFrame:
    """The position of the made-up office, every day of the 62 before the plan, ending on its opening."""
    rng = np.random.default_rng([8, 12])
    days = pd.date_range(end=AS_OF, periods=63)
    steps = np.where(days.weekday < 5, rng.normal(0, 4 * M, len(days)), 0).round().astype(np.int64)
    level = 141 * M - steps[::-1].cumsum()[::-1] + steps
    return pd.DataFrame({"day_date": days, "value_centimes": pd.array(level - (level[-1] - 141 * M), dtype="Int64")})


def actual() -> pd.DataFrame:
    """What came on the accounts in the five weeks before the plan, by line and bank day."""
    rng = np.random.default_rng([8, 13])
    days = pd.bdate_range(end=AS_OF, periods=26)
    rows = [(account, line, day, round(rng.normal(mean, spread) * 100)) for line, account, mean, spread in SERIES if mean for day in days]
    return pd.DataFrame(rows, columns=["account_number", "line_code", "flow_date", "amount_centimes"])


def log() -> pd.DataFrame:
    """Plans of the last three weeks, logged on the Friday before each."""
    mondays = [pd.Timestamp(day) for day in ("2024-09-09", "2024-09-16", "2024-09-23")]
    rows = [
        (f"P{n}", monday - pd.Timedelta(days=3), line, "week", monday, round(mean * 500))
        for n, monday in enumerate(mondays)
        for line, _, mean, _ in SERIES
        if mean
    ]
    return pd.DataFrame(rows, columns=["plan_id", "origin_date", "line_code", "period_code", "target_date", "plan_centimes"])


def accounts() -> pd.DataFrame:
    """The register of the made-up accounts."""
    floors = pd.array([20 * M, 2 * M, None], dtype="Int64")
    return pd.DataFrame({"account_number": [a[0] for a in ACCOUNTS], "account_label": [a[1] for a in ACCOUNTS], "floor_centimes": floors})


def scenarios() -> pd.DataFrame:
    """The plan and three scenarios of it, by day."""
    base = made_up().positions()[["day_date", "value_centimes", "q10_mad", "q90_mad"]].head(63)
    days = np.arange(len(base))
    late = -(0.6 * M * np.minimum(days, 42)).astype(np.int64)
    made = [base.assign(scenario_code="plan")]
    for code, change in (("state_late_60", late), ("drought", late // 3), ("rate_up", -(days * 0.05 * M).astype(np.int64))):
        moved = base.assign(value_centimes=base["value_centimes"] + change)
        made.append(moved.assign(q10_mad=base["q10_mad"] + change / 100, q90_mad=base["q90_mad"] + change / 100, scenario_code=code))
    return pd.concat(made, ignore_index=True)


SCENARIO_LABELS = {
    "state_late_60": {"fr": "L'État paie 60 jours plus tard", "en": "The State pays 60 days later"},
    "drought": {"fr": "Sécheresse : volumes −8 %", "en": "Drought: volumes −8%"},
    "rate_up": {"fr": "Taux : +1 point sur la dette", "en": "Rates: +1 point on debt"},
}


def overdue() -> pd.DataFrame:
    """Three made-up suppliers with overdue items, as `cash.overdue_suppliers` gives them."""
    text = """
        supplier_code supplier_name currency_code item_count overdue_centimes blocked_centimes oldest_days
        F1            Fournisseur-1 MAD           3          -400_000_000     0                61
        F2            Fournisseur-2 MAD           2          -300_000_050     0                30
        F3            Fournisseur-3 MAD           1          0                -900_000_000     15
    """
    return table(text)


def credit() -> pd.DataFrame:
    """Two made-up banks that lend, as `cash.credit_room` gives them."""
    text = """
        bank_code currency_code item_count limit_centimes drawn_centimes undrawn_centimes excess_centimes
        A         MAD           2          6_000_000_000  2_000_000_000  4_000_000_000    0
        B         MAD           1          3_000_000_000  0              3_000_000_000    0
    """
    return table(text)
