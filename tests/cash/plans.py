"""A made-up cash plan, small, that adds up, and what stands beside it: three accounts, seven lines, a year of bank days. All figures are invented."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from tests.builders import table
from tests.cash import made_plans
from workbench.cash.judging.proven_accounts import Proof
from workbench.cash.plan.outlook import Beside
from workbench.cash.plan.plan import CashPlan
from workbench.cash.plan.plan_record import Record, plan_record
from workbench.standards import BankDays, ClosedDay

AS_OF = date(2024, 9, 30)
M = 100_000_000  # centimes in a million dirhams
UNTIL = date(2024, 12, 30)  # 13 weeks later
# Every weekday is a bank day: no feast of a real country in a made-up office.
CALENDAR = BankDays(
    (ClosedDay(date(2023, 1, 1), "a", "official", "x"), ClosedDay(date(2026, 1, 1), "b", "official", "x"))
)

ACCOUNTS = [
    ("C-00", "Compte central", "A", "head_office"),
    ("R-01", "Recettes DR 1", "B", "DR1"),
    ("R-02", "Recettes DR 2", "B", "DR2"),
]
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
    ("energy", 58, -31.0e6, "Échéance d'énergie"),
    ("payroll", 62, -38.0e6, "Paie de décembre"),
]


@cache
def made_up(floor: int | None = 60 * M, days: int = 261, paths: int = 400, opening: int = 141 * M) -> CashPlan:
    """A plan from 30 September 2024: `days` bank days (every weekday), the same at every call."""
    rng = np.random.default_rng([8, 11])
    when = pd.bdate_range(AS_OF + timedelta(days=1), periods=days)
    shape = (days, len(SERIES))
    estimated, known = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    noise = np.zeros((paths, *shape), np.float32)
    drift = rng.standard_normal((paths, 1, len(SERIES)))
    for n, (_, _, mean, spread) in enumerate(SERIES):
        wave = mean * (1 + 0.35 * np.cos(2 * np.pi * np.arange(days) / 21 + n))
        estimated[:, n] = np.round(wave * 100).astype(np.int64)
        noise[:, :, n] = spread * (rng.standard_normal((paths, days)) + 0.05 * drift[:, :, n])
    for n, (_, _, mean, _) in enumerate(SERIES):
        if not mean:  # a wholly scheduled line goes on beyond what its register holds
            estimated[65::21, n] = -24 * M
    for line, day, amount, _ in KNOWN:
        if day < days:
            known[day, next(n for n, one in enumerate(SERIES) if one[0] == line)] += round(amount * 100)
    override = np.zeros(shape, np.int64)
    override[9, 3] = 3 * M
    plan = (known + estimated + override) / 100
    whole = plan[None] + noise - noise.mean(axis=0)
    accounts = {number: tuple(told) for number, *told in ACCOUNTS}
    series = made_plans.described([(number, line) for line, number, *_ in SERIES], accounts)
    scheduled = [not mean for _, _, mean, _ in SERIES]
    series.loc[scheduled, ["model_name", "reason_code"]] = ["known", "known_only"]
    shares = [opening - 2 * (opening // 10), opening // 10, opening // 10]
    balances = made_plans.opening(**dict(zip(accounts, shares, strict=True)))
    balances.loc[2, "state_code"] = "stale"
    balances.loc[2, "statement_date"] = pd.Timestamp(2024, 8, 30)
    return CashPlan(
        AS_OF, "MAD", when, min(UNTIL, when[-1].date()), series, known, estimated, override, whole.astype(np.float32),
        estimated / 100 * 0.9, balances, floor, {},
    )  # fmt: skip


def lines() -> pd.DataFrame:
    """Lines of the made-up plan, as `cash.load_lines` gives them."""
    rows = [
        (
            "receipts_counters",
            "Encaissements guichets (espèces, chèques)",
            "Receipts at counters (cash, cheques)",
            "in",
            "operating",
        ),
        ("receipts_bulk", "Encaissements production (régies, SRM)", "Receipts of bulk clients", "in", "operating"),
        (
            "receipts_public",
            "Encaissements État et communes",
            "Receipts of the State and municipalities",
            "in",
            "operating",
        ),
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
        (
            f"K{n}",
            "C-00",
            "MAD",
            line,
            plan.days[day],
            plan.days[day],
            round(amount * 100),
            "calendar",
            "certain",
            name,
            False,
            False,
            False,
        )
        for n, (line, day, amount, name) in enumerate(KNOWN, 1)
    ]
    names = "flow_id account_number currency_code line_code due_date flow_date amount_centimes flow_source_code certainty_code counterparty"
    return pd.DataFrame(rows, columns=[*names.split(), "is_moved", "is_date_estimated", "is_overdue"])


def position() -> pd.DataFrame:
    """The position of the made-up office, every day of the 62 before the plan, ending on its opening."""
    rng = np.random.default_rng([8, 12])
    days = pd.date_range(end=AS_OF, periods=63)
    steps = np.where(days.day_of_week < 5, rng.normal(0, 4 * M, len(days)), 0).round().astype(np.int64)
    level = 141 * M - steps[::-1].cumsum()[::-1] + steps
    return pd.DataFrame({"day_date": days, "value_centimes": pd.array(level - (level[-1] - 141 * M), dtype="Int64")})


@cache
def actual() -> pd.DataFrame:
    """What came on the accounts in the nine months before the plan, by account, line and bank day."""
    rng = np.random.default_rng([8, 13])
    days = pd.bdate_range(end=AS_OF, periods=195)
    rows = [
        (account, line, "MAD", day, round(rng.normal(mean, spread) * 100))
        for line, account, mean, spread in SERIES
        if mean
        for day in days
    ]
    return pd.DataFrame(rows, columns=["account_number", "line_code", "currency_code", "flow_date", "amount_centimes"])


@cache
def log(origins: int = 14) -> pd.DataFrame:
    """Plans of the Fridays before the made-up one, as rows of `forecasts`: each line and all of them, by day and by week."""
    rng = np.random.default_rng([8, 14])
    parts = [_logged(pd.Timestamp(AS_OF) - pd.Timedelta(days=3 + 7 * back), rng) for back in range(origins)]
    return pd.concat(parts, ignore_index=True)


def _row(
    line: str, period: str, start: pd.Timestamp, ahead: int, plan: int, band: float, naive: float
) -> tuple[Any, ...]:
    quantiles = [plan / 100 + band * k for k in (-1.9, -1.2, 0, 1.2, 1.9)]
    return line, period, start, ahead, 0, plan, 0, plan, plan / 100, *quantiles, naive


def _logged(origin: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    days = pd.bdate_range(origin + pd.Timedelta(days=1), periods=60)
    means: dict[str, float] = {}
    spreads: dict[str, float] = {}
    for line, _, mean, spread in SERIES:
        if mean:
            means[line] = means.get(line, 0) + mean
            spreads[line] = float(np.hypot(spreads.get(line, 0), spread))
    rows = []
    for length, period in ((1, "day"), (5, "week")):
        for number, start in enumerate(days[::length]):
            sums, wide = [0, 0.0], 0.0
            for line, mean in means.items():
                band = spreads[line] * float(np.sqrt(length))
                plan = round((mean * length + rng.normal(0, band / 4)) * 100)
                naive = mean * length + rng.normal(0, band)
                rows.append(_row(line, period, start, (number + 1) * length, plan, band, naive))
                sums, wide = [sums[0] + plan, sums[1] + naive], float(np.hypot(wide, band))
            rows.append(_row("all", period, start, (number + 1) * length, int(sums[0]), wide, sums[1]))
    parts = [f"{part}_centimes" for part in ("known", "estimated", "override", "plan")]
    names = ["line_code", "period_code", "target_date", "horizon_days", *parts, "mean_mad"]
    names += ["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad", "naive_mad"]
    stamp: dict[str, Any] = {
        "plan_id": f"plan-{origin:%Y-%m-%d}",
        "origin_date": origin,
        "made_at": origin.tz_localize("UTC"),
    }
    whole = pd.DataFrame(rows, columns=names).assign(**stamp, is_made_again=False, currency_code="MAD")
    return whole.astype(dict.fromkeys([*parts, "horizon_days"], "Int64"))


@cache
def record() -> Record:
    """The track record of the made-up plans."""
    return plan_record(log(), actual(), pd.DataFrame(), CALENDAR, AS_OF, Proof(AS_OF))


def accounts() -> pd.DataFrame:
    """The register of the made-up accounts."""
    floors = pd.array([20 * M, 2 * M, None], dtype="Int64")
    return pd.DataFrame(
        {
            "account_number": [a[0] for a in ACCOUNTS],
            "account_label": [a[1] for a in ACCOUNTS],
            "floor_centimes": floors,
            "role_code": ["central", "receipts", "receipts"],
        }
    )


@cache
def scenarios() -> pd.DataFrame:
    """The plan and three scenarios of it, by day."""
    base = made_up().positions()[["day_date", "value_centimes", "q10_mad", "q90_mad"]].head(63)
    days = np.arange(len(base))
    late = -(0.6 * M * np.minimum(days, 42)).astype(np.int64)
    made = [base.assign(scenario_code="plan")]
    for code, change in (
        ("state_late_60", late),
        ("drought", late // 3),
        ("rate_up", -(days * 0.05 * M).astype(np.int64)),
    ):
        moved = base.assign(value_centimes=base["value_centimes"] + change)
        made.append(
            moved.assign(
                q10_mad=base["q10_mad"] + change / 100, q90_mad=base["q90_mad"] + change / 100, scenario_code=code
            )
        )
    return pd.concat(made, ignore_index=True)


SCENARIO_LABELS = {
    "state_late_60": {"fr": "L'État paie 60 jours plus tard", "en": "The State pays 60 days later"},
    "drought": {"fr": "Sécheresse : volumes −8 %", "en": "Drought: volumes −8%"},
    "rate_up": {"fr": "Taux : +1 point sur la dette", "en": "Rates: +1 point on debt"},
}


def scenario_sums() -> pd.DataFrame:
    """The comparison of the made-up scenarios, as `cash.compare_scenarios` sums it."""
    curves = scenarios()
    at = curves.groupby("scenario_code", sort=False)["value_centimes"].idxmin()
    lows = curves.loc[at, ["scenario_code", "value_centimes", "day_date"]]
    made = lows.rename(columns={"value_centimes": "low_centimes", "day_date": "low_date"}).reset_index(drop=True)
    ends = curves.groupby("scenario_code", sort=False)["value_centimes"].last().to_numpy()
    made = made.assign(passed_share=[0.02, 0.24, 0.05, 0.02], total_centimes=ends - 141 * M, beyond_centimes=0)
    return made.assign(
        change_centimes=ends - ends[0], low_change_centimes=made["low_centimes"] - made["low_centimes"].iloc[0]
    )


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


def beside(**others: object) -> Beside:
    """What stands beside the made-up plan; any of it may be given otherwise."""
    tables: dict[str, Any] = {
        "lines": lines(),
        "position": position(),
        "actual": actual(),
        "known": known_flows(),
        "log": log(),
        "overdue": overdue(),
        "credit": credit(),
        "accounts": accounts(),
        "scenarios": scenarios(),
        "scenario_sums": scenario_sums(),
        "scenario_labels": SCENARIO_LABELS,
        "record": record(),
    }
    return Beside(**(tables | others))
