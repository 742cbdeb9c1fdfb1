"""Invoices of a real file: when is each paid, and what does the open book bring? Against lifelines, LightGBM and the naive ones.

    python -m benchmarks.receivables [--data PATH] [--profile TOML] [--train-to 2013-05-06] [--horizon-weeks 1 4] [--peers none|all] [--json]

Everything is learnt and chosen from what was known on the morning of --train-to, and held against what came after. PROFILE says which
column is what (`benchmarks/profiles`); a profile of `data/profiles` does too, where one file fills bills and allocations: it knows no
electronic bills and no disputes. Peers are given the same features, and learn from the same bills; they never enter the choice.

`mae_days`: median of the law against the day that came; `brier`: of more than 30 days; `crps` in days. `wape_4w`: receipts within four
weeks of the book open on each Monday from eight weeks after training, of the best model inside training; `wape_4w_gated`: of what the
gate let through, which is the naive one where that won inside training. `floor_4w`: what one who knows every chance exactly would
miss by, the model's own chances taken to be so. `coverage_80_4w`: how often its band held; windows overlap.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np
import pandas as pd

from benchmarks.measuring import REAL_DATA, tell
from workbench.recovery.payment_times.invoice_features import NEVER, bills_of
from workbench.recovery.payment_times.invoice_models import Settlement, ages_modelled
from workbench.recovery.payment_times.invoice_race import InvoiceRace, race_invoices, scored_bills, tested, use_of

HERE = Path(__file__).parent
DATA = REAL_DATA / "receivables" / "ibm_accounts_receivable.csv"
PROFILE = HERE / "profiles" / "ibm_receivables.toml"
PEER = HERE / ".peers" / "receivables" / "bin" / "python"
TARGETS = {"mae_days": "≤ 5.6", "brier": "≤ 0.12", "crps": "≤ 3.95", "wape_4w": "≤ 0.036"}


def main() -> None:
    """Run the race and tell it: a line a figure, or with --json one object."""
    options = _options()
    if not options.data.is_file():
        print(f"receivables: {options.data} is absent: nothing is raced", file=sys.stderr)
        return
    result = race(read(options.data, options.profile), options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _tell(result, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receivables", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="CSV, one row an invoice")
    parser.add_argument("--profile", type=Path, default=PROFILE, help="TOML: which column is what")
    parser.add_argument("--train-to", default="2013-05-06", help="first day that is not known")
    parser.add_argument("--horizon-weeks", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument(
        "--peer",
        type=Path,
        default=Path(os.environ.get("BENCH_PEERS", PEER)),
        help="the Python that has lifelines and lightgbm",
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


# ── the file


def read(path: Path, profile: Path) -> pd.DataFrame:
    """The bills of a file, as `bills_of` takes them. Raises `SystemExit` where a column of the profile is absent."""
    told = tomllib.loads(profile.read_text(encoding="utf-8"))
    told = _of_targets(told) if "targets" in told else told
    names, disputed = told["columns"], told.get("was_disputed")
    table = pd.read_csv(path, dtype=str, sep=told.get("delimiter", ","))
    asked = [*names.values(), *([disputed["column"]] if disputed else [])]
    if absent := [name for name in asked if name not in table.columns]:
        raise SystemExit(f"receivables: {path.name} has no column {', '.join(absent)}; see {profile.name}")

    def day(name: str) -> pd.Series:
        return pd.to_datetime(table[names[name]], format=told["date_format"])

    amount = (
        table[names["amount"]].str.replace(told.get("thousands", ","), "").str.replace(told.get("decimal", "."), ".")
    )
    items = pd.DataFrame(
        {
            "customer_code": table[names["customer_code"]],
            "issue_date": day("issue_date"),
            "settled_date": day("settled_date"),
            "amount_centimes": (amount.astype(float) * 100).round().astype("int64"),
        }
    )
    if "electronic_since_date" in names:
        items["is_electronic"] = (day("electronic_since_date") <= items["issue_date"]).fillna(False)
    if disputed:
        items["was_disputed"] = table[disputed["column"]].isin(disputed["yes"])
    return items


def _of_targets(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same from a profile of the office's files, whose one file fills both `invoices` and `allocations`."""
    columns = {target["table"]: target["columns"] for target in told["targets"]}
    bills, paid = columns["invoices"], columns["allocations"]
    names = {"customer_code": bills["customer_code"], "issue_date": bills["issue_date"], "settled_date": paid["allocation_date"],
             "amount": bills["amount_ttc_centimes"]}  # fmt: skip
    kept = {name: told[name] for name in ("delimiter", "decimal", "thousands") if name in told}
    return {"date_format": told["date_formats"][0], "columns": names} | kept


# ── the race


def race(items: pd.DataFrame, options: argparse.Namespace) -> dict[str, Any]:
    """Ours, the naive ones and the peers, chosen and scored on the same bills and Mondays."""
    peers, cpu, versions = _peers(items, options) if options.peers == "all" else ({}, {}, {})
    start = time.process_time()
    found = race_invoices(items, options.train_to, options.horizon_weeks, peers)
    ours_cpu = time.process_time() - start
    figures = {
        str(row["model_code"]): {
            name: float(value)
            for name, value in row.items()
            if not str(name).startswith(("is_", "model")) and pd.notna(value)
        }
        for row in found.scores.to_dict("records")
    }
    for name, seconds in cpu.items():
        figures[name]["cpu_s"] = seconds
    ours = _ours(found, figures, options.horizon_weeks) | {"cpu_s": ours_cpu}
    return {
        "ours": ours,
        "peers": {name: row for name, row in figures.items() if name in {*peers, "customer_mean", "book_share", "last_year"}},
        "candidates": {name: row for name, row in figures.items() if "boosted" in name or name in ("spline_level", "mean_of_two")},
        "log": json.loads(found.choice.log.to_json(orient="records")),
        "sizes": {"bills": len(items), "scored": found.bill_count, "train_to": options.train_to,
                  "origins": {str(each): int((found.cash["horizon_weeks"] == each).sum() // found.cash.loc[found.cash["horizon_weeks"] == each, "model_code"].nunique()) for each in options.horizon_weeks}},
        "versions": {name: version(name) for name in ("numpy", "pandas", "scikit-learn")} | versions,
    }  # fmt: skip


def _ours(found: InvoiceRace, figures: Mapping[str, Mapping[str, float]], weeks: list[int]) -> dict[str, Any]:
    law = found.choice.chosen["invoices"]
    ours: dict[str, Any] = {"model": law} | {name: figures[law][name] for name in ("mae_days", "brier", "crps")}
    for each in weeks:
        best, chosen = found.choice.best_model[use_of(each)], found.choice.chosen[use_of(each)]
        floor = figures[best][f"floor_{each}w"]
        ours |= {f"model_{each}w": best, f"gated_{each}w": chosen, f"wape_{each}w": figures[best][f"wape_{each}w"],
                 f"wape_{each}w_gated": figures[chosen][f"wape_{each}w"], f"floor_{each}w": floor}  # fmt: skip
        for suffix, name in (("", best), ("_gated", chosen)):
            rows = found.cash[(found.cash["horizon_weeks"] == each) & (found.cash["model_code"] == name)]
            ours[f"coverage_80_{each}w{suffix}"] = float(
                rows["actual_mad"].between(rows["low_mad"], rows["high_mad"]).mean()
            )
    return ours


def _peers(
    items: pd.DataFrame, options: argparse.Namespace
) -> tuple[dict[str, Settlement], dict[str, float], dict[str, str]]:
    """Laws, CPU seconds and versions of the peers; nothing, told on standard error, where their Python is absent."""
    if not options.peer.exists():
        print(f"no peers: {options.peer} does not exist; see benchmarks/README.md", file=sys.stderr)
        return {}, {}, {}
    cut = (pd.Timestamp(options.train_to) - pd.Timestamp(0)).days
    train, features, _, of = tested(scored_bills(bills_of(items), cut), cut)
    settled = train.settled < NEVER
    open_days = np.where(settled, train.days, cut - 1 - train.issued) + 1
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(asked, train=features.to_numpy(), of=of.to_numpy(), names=list(features.columns), open_days=open_days,
                 is_settled=settled, ages=ages_modelled(train, cut))  # fmt: skip
        done = subprocess.run(
            [options.peer, HERE / "receivables_peers.py", asked, told], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"no peers: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return {}, {}, {}
        found = np.load(told)
        names = ("cox", "log_logistic_aft", "lightgbm")
        versions = dict(str(each).split(" ") for each in found["versions"])
        return (
            {name: Settlement(found[name]) for name in names},
            {name: float(found["cpu_" + name]) for name in names},
            {"peer_" + name: each for name, each in versions.items()},
        )


def _tell(result: dict[str, Any], options: argparse.Namespace) -> None:
    ours, peers = result["ours"], result["peers"]
    weeks = options.horizon_weeks
    for name in ("mae_days", "brier", "crps"):
        tell(
            "receivables",
            f"{name}, {ours['model']}",
            ours[name],
            None,
            "days" if name != "brier" else "",
            TARGETS[name],
        )
    for each in weeks:
        tell("receivables", f"wape_{each}w, best model inside training: {ours[f'model_{each}w']}", ours[f"wape_{each}w"], None, "",
             TARGETS.get(f"wape_{each}w", "≤ 0.153"))  # fmt: skip
        tell("receivables", f"wape_{each}w_gated, what the gate let through: {ours[f'gated_{each}w']}", ours[f"wape_{each}w_gated"], None, "",
             TARGETS.get(f"wape_{each}w", "≤ 0.153"))  # fmt: skip
        tell(
            "receivables",
            f"wape_{each}w, against the noise floor",
            ours[f"wape_{each}w"],
            ours[f"floor_{each}w"],
            "",
            "≤ 1.15" if each == 1 else "none",
        )
        for suffix in ("", "_gated"):
            tell(
                "receivables", f"coverage_80_{each}w{suffix}", ours[f"coverage_80_{each}w{suffix}"], None, "", "≥ 0.65"
            )
            tell(
                "receivables",
                f"coverage_80_{each}w{suffix}, not too much",
                ours[f"coverage_80_{each}w{suffix}"],
                None,
                "",
                "≤ 0.95",
            )
    for peer, row in peers.items():
        for name in ("mae_days", "brier", "crps", *(f"wape_{each}w" for each in weeks)):
            if name in row:
                tell("receivables", f"{name}, against {peer}", ours[name], row[name], "", "≤ 1")
    tell("receivables", "choice, fits and scores, CPU", ours["cpu_s"], None, "s", "none")


if __name__ == "__main__":
    main()
