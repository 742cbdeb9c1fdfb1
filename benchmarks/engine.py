"""The four table functions against SQL written by hand, pandas as analysts write it, and Spark running the same code.

    python -m benchmarks.engine [--rows 10000000] [--repeats 3] [--peers none|sql|local|all] [--functions ageing rates positions curves]
                                [--memory 7GB] [--office FOLDER]

One synthetic office is made; each way makes each table in a process of its own, turn by turn in one run. CPU is that of the work
after the imports; memory is the most that the whole process held. Every table is compared with ours, to the centime, or the race
ends. Spark is asked once, for its table. With `--peers none` only ours runs: how 100 million bills are tried.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd

from benchmarks import big_office
from benchmarks.measuring import Cost, in_a_process, middle, most, tell

FUNCTIONS = ("ageing", "rates", "positions", "curves")
WAYS = {
    "none": ("ours",),
    "sql": ("ours", "sql"),
    "local": ("ours", "sql", "pandas"),
    "all": ("ours", "sql", "pandas", "spark"),
}


def main() -> None:
    """Run the race and tell it, function by function, then the four together."""
    options = _options()
    ways, costs = WAYS[options.peers], {}
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        office = options.office or Path(folder) / "office"
        big_office.make(office, options.rows)
        for function in options.functions:
            costs[function] = race(office, Path(folder), function, ways, options.repeats, options.memory)
            report(function, [costs[function]], ways, options.rows)
    if len(costs) == len(FUNCTIONS):
        report("four together", list(costs.values()), ways, options.rows)


def race(
    office: Path, work: Path, function: str, ways: tuple[str, ...], repeats: int, memory: str | None
) -> dict[str, Cost]:
    """Median cost of each way of one function; raises `SystemExit` where a table is not ours."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    environment = {"WORKBENCH_DUCKDB_MEMORY": memory} if memory else {}
    for turn in range(repeats):
        for way in ways if turn == 0 else [each for each in ways if each != "spark"]:
            arguments = [way, function, str(office), str(work / f"{way}.parquet"), *([memory] if memory else [])]
            costs[way].append(in_a_process("benchmarks.engine_way", *arguments, environment=environment))
    ours = pd.read_parquet(work / "ours.parquet")
    for way in ways[1:]:
        compare(function, way, ours, pd.read_parquet(work / f"{way}.parquet"))
    return {way: middle(found) for way, found in costs.items()}


def compare(function: str, way: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """End the race where two tables differ: amounts to the centime, shares to twelve digits."""
    keys = [name for name in ours.columns if not name.endswith(("_centimes", "_rate", "_share", "_count"))]
    sides = []
    for table in (ours, theirs):
        told = table.assign(**{each: pd.to_datetime(table[each]) for each in table.columns if each.endswith("_date")})
        sides.append(told.sort_values(keys, ignore_index=True)[list(ours.columns)])
    try:
        pd.testing.assert_frame_equal(*sides, check_dtype=False, rtol=1e-12, atol=0)
        for name in ours.columns:
            if name.endswith(("_centimes", "_count")):
                assert sides[0][name].astype("Int64").equals(sides[1][name].astype("Int64")), name
    except AssertionError as difference:
        raise SystemExit(f"{function}: the table of {way} is not ours: {difference}") from difference


def report(what: str, costs: list[dict[str, Cost]], ways: tuple[str, ...], rows: int) -> None:
    """CPU added up over functions, memory of the hungriest, against each other way."""
    targets = {"sql": ("≤ 1.15", "≤ 1.3"), "pandas": ("≤ 0.77", "≤ 0.5"), "spark": ("equal tables", "equal tables")}
    cpu = {way: sum(cost[way].cpu_s for cost in costs) for way in ways}
    peak = {way: max(cost[way].peak_mib for cost in costs) for way in ways}
    if len(ways) == 1:
        tell("engine", f"{what}, CPU", cpu["ours"], None, "s", "none", rows=rows)
        bound = "≤ 8192" if rows >= 100_000_000 else "none"
        tell("engine", f"{what}, memory", peak["ours"], None, "MiB", bound, rows=rows)
    for way in ways[1:]:
        tell("engine", f"{what}, CPU, against {way}", cpu["ours"], cpu[way], "s", targets[way][0], rows=rows)
        tell("engine", f"{what}, memory, against {way}", peak["ours"], peak[way], "MiB", targets[way][1], rows=rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=most(10_000_000), help="bills of the office")
    parser.add_argument("--repeats", type=int, default=3, help="the median is told")
    parser.add_argument("--peers", choices=sorted(WAYS), default="all")
    parser.add_argument("--functions", nargs="+", choices=FUNCTIONS, default=list(FUNCTIONS))
    parser.add_argument("--memory", default=None, help="DuckDB's own limit, ours and the hand's, for example 6GB")
    parser.add_argument("--office", type=Path, default=None, help="an office made before by benchmarks.big_office")
    parser.add_argument("--work", type=Path, default=None, help="folder on the disk to use; default: the system's")
    return parser.parse_args()


if __name__ == "__main__":
    main()
