"""The cash plan: what one of 45 accounts × 15 lines costs, what the command and the page cost, and whether thirteen weeks beat the naive ones.

    python -m benchmarks.cash_plan [--accounts 45] [--lines 15] [--days 500] [--customers 3000] [--months 24] [--origins 8] [--peers none] [--json]

Three parts. `cash.make_plan` on made-up flows of that size: 13 weeks by day, 12 months, 400 paths, its rows of the log. Then, on a synthetic office made
and imported by its commands (none with `--customers 0`), `workbench plan`, `workbench plan --origins 12` and `workbench run treasury/cash_plan`, each
as a whole, interpreter included. Last, plans made again at past origins four weeks apart, whose thirteen weeks have come: the misses of the
lines' totals ÷ what came, against those of the naive forecast that every plan carries. There is no peer: `--peers` is taken so that all races are
started alike.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np
import pandas as pd

from benchmarks.measuring import in_a_process, most, peak_mib, tell, tell_cost
from benchmarks.pages import workbench
from workbench import cash, store
from workbench.cash.known.known_flows import FLOW_COLUMNS, LEFT_OUT_COLUMNS, KnownFlows
from workbench.pipeline.cash_plan import plan_of, plan_tables_of
from workbench.pipeline.plan_receivables import Receivables
from workbench.pipeline.runs import newest_day
from workbench.schemas.tables import TABLES
from workbench.standards import load_bank_days

AS_OF = date(2024, 9, 30)
WEEKS_DAYS, APART_DAYS = 91, 28
SECONDS = "≤ 60"


def main() -> None:
    """Run the race and tell it, or (with --run) make the plan of made-up flows and tell its cost."""
    options = _options()
    if options.run:
        _run(options)
        return
    result = race(options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for what, cost in result["ours"].items():
        tell("cash_plan", f"{what}, CPU", cost["cpu_s"], None, "s", SECONDS)
        tell("cash_plan", f"{what}, on the wall", cost["wall_s"], None, "s", SECONDS if "page" in what else "none")
        if cost["peak_mib"]:
            tell("cash_plan", f"{what}, peak memory", cost["peak_mib"], None, "MiB", "none")
    if totals := result["totals"]:
        what = f"13-week totals of lines, misses ÷ what came, {totals['origins']} origins, against the naive ones"
        tell("cash_plan", what, totals["plan"], totals["naive"], "", "≤ 1")


def race(options: argparse.Namespace) -> dict[str, Any]:
    """All parts; `totals` is empty without an office."""
    size = f"{options.accounts} accounts × {options.lines} lines"
    arguments = [f"--{name}={getattr(options, name)}" for name in ("accounts", "lines", "days")]
    cost = in_a_process("benchmarks.cash_plan", "--run", *arguments)
    result: dict[str, Any] = {"ours": {f"plan of {size}": vars(cost)}, "totals": {}, "sizes": vars(options).copy()}
    result["sizes"].pop("office")
    if options.office or options.customers:
        with tempfile.TemporaryDirectory() as folder:
            office = options.office or _made(Path(folder) / "office", options)
            if options.office is None:
                result["ours"] |= _commands(office, Path(folder))
            result["totals"] = totals_of(office, options.origins)
    return result


def _made(office: Path, options: argparse.Namespace) -> Path:
    size = ("--customers", str(options.customers), "--months", str(options.months), "--seed", "1")
    workbench("demo", "--office", str(office), *size)
    workbench("import", "--office", str(office), accepted=(0, 3))
    return office


def _commands(office: Path, work: Path) -> dict[str, dict[str, float]]:
    commands = {
        "workbench plan": ("plan",),
        "workbench plan --origins 12": ("plan", "--origins", "12"),
        "page of treasury/cash_plan": ("run", "treasury/cash_plan", "--reports", str(work / "reports"), "--force"),
    }
    found = {}
    for name, command in commands.items():
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        workbench(*command, "--office", str(office), accepted=(0, 3))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        found[name] = {"cpu_s": cpu, "wall_s": time.perf_counter() - started, "peak_mib": 0.0}
    return found


def totals_of(folder: Path, origins: int) -> dict[str, Any]:
    """Σ |plan − came| ÷ Σ |came| of the lines' totals of thirteen weeks in dirhams, over past origins; the naive forecast's beside."""
    office, bank_days = store.open_office(folder), load_bank_days()
    last = newest_day(folder)
    dates = [last - timedelta(days=WEEKS_DAYS + APART_DAYS * back) for back in range(origins - 1, -1, -1)]
    flows = plan_tables_of(office, last, receivables=False, bank_days=bank_days).flows
    flows = flows[flows["currency_code"] == "MAD"]
    shared, misses = Receivables(office, dates, bank_days), []
    for day in dates:
        plan = plan_of(office, day, tables=plan_tables_of(office, day, shared, bank_days), twelve_months=False)
        told = plan.flows(by=("line_code",), period="total").set_index("line_code")
        inside = (flows["flow_date"] > pd.Timestamp(day)) & (flows["flow_date"] <= pd.Timestamp(plan.daily_until))
        came = flows[inside].groupby("line_code")["amount_centimes"].sum().astype("float64") / 100
        both = told[["mean_mad", "naive_mad"]].join(came.rename("came"), how="outer").astype("float64").fillna(0)
        misses.append([(both["mean_mad"] - both["came"]).abs().sum(), (both["naive_mad"] - both["came"]).abs().sum(), both["came"].abs().sum()])  # fmt: skip
    plans, naives, size = np.sum(misses, axis=0)
    return {"origins": origins, "plan": plans / size, "naive": naives / size}


def _run(options: argparse.Namespace) -> None:
    flows, accounts, opening = made_up(options.accounts, options.lines, options.days)
    overrides = TABLES["overrides"].arrow.empty_table().to_pandas()
    known = KnownFlows(pd.DataFrame(columns=FLOW_COLUMNS), pd.DataFrame(), pd.DataFrame(columns=LEFT_OUT_COLUMNS))
    cpu, wall = time.process_time(), time.perf_counter()
    plan = cash.make_plan(
        flows, known, None, opening, accounts, bank_days=load_bank_days(), as_of=AS_OF, lines=cash.load_lines(), overrides=overrides
    )  # fmt: skip
    cash.log_rows(plan, datetime(2024, 10, 1, tzinfo=UTC))
    tell_cost(time.process_time() - cpu, time.perf_counter() - wall, peak_mib())


def made_up(accounts: int, lines: int, length: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Flows of every account and line on the last bank days before the date, made up; the accounts, and their balances."""
    calendar = load_bank_days().ordinals(AS_OF - timedelta(days=length * 2), AS_OF)
    days = calendar.loc[calendar["is_ouvre"], "day_date"].tail(length).to_numpy("datetime64[s]")
    named = cash.load_lines()[:lines]
    numbers = [f"{place:03d}{'0' * 20}1" for place in range(accounts)]
    parts = [_flows(number, place, line, row, days) for place, number in enumerate(numbers) for row, line in enumerate(named)]  # fmt: skip
    register = pd.DataFrame(
        {"account_number": numbers, "account_label": numbers, "bank_code": [f"{place % 9:03d}" for place in range(accounts)],
         "directorate_code": [f"D{place % 8}" for place in range(accounts)], "role_code": "receipts", "currency_code": "MAD",
         "opened_date": pd.Timestamp(2015, 1, 1), "closed_date": pd.NaT, "floor_centimes": pd.array([pd.NA] * accounts, "Int64")}
    )  # fmt: skip
    opening = register[["account_number", "currency_code"]].assign(
        value_centimes=pd.array([100_000_000] * accounts, "Int64"), state_code="proven", statement_date=pd.Timestamp(AS_OF)
    )  # fmt: skip
    return pd.concat(parts, ignore_index=True), register, opening


def _flows(number: str, place: int, line: Any, row: int, days: Any) -> pd.DataFrame:
    rng = np.random.default_rng([41, place, row])
    weekday = (days.astype("datetime64[D]").astype(int) + 3) % 7
    of_month = (days.astype("datetime64[D]") - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    shape = rng.gamma(3.0, 1 / 3, 7)[weekday] + np.where(np.isin(of_month, rng.integers(0, 28, 2)), 6.0, 0.0)
    side = {"in": 1, "out": -1}.get(line.direction) or np.where(rng.random(len(days)) < 0.5, -1, 1)
    amounts = (side * 1e6 * 10.0 ** rng.uniform(-1, 1) * shape * rng.gamma(4.0, 0.25, len(days))).astype(np.int64)
    table = pd.DataFrame({"flow_date": days, "amount_centimes": pd.array(amounts, "Int64")})
    names = {"account_number": number, "directorate_code": f"D{place % 8}", "line_code": line.line_code}
    return table.assign(**names, currency_code="MAD", line_count=1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cash_plan", description=__doc__)
    parser.add_argument("--accounts", type=int, default=45)
    parser.add_argument("--lines", type=int, default=15)
    parser.add_argument("--days", type=int, default=500, help="bank days of history")
    parser.add_argument("--customers", type=int, default=most(3000))
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--origins", type=int, default=8, help="past origins of the totals")
    parser.add_argument(
        "--office", type=Path, default=None, help="an office with its imports: only its totals are told"
    )
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
