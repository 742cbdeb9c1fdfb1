"""One way of making one table, alone in this process: python -m benchmarks.engine_way WAY FUNCTION OFFICE OUT [MEMORY]."""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.measuring import peak_mib, tell_cost
from workbench import store
from workbench.frames import frame, to_pandas

TABLES = ("invoices", "payments", "allocations", "credit_notes", "write_offs", "statement_days", "bank_transactions")


def makers() -> dict[str, Callable[[str, Mapping[str, list[str]], str | None], pd.DataFrame]]:
    """The ways in one process, imported before anything is timed."""
    from benchmarks.engine_ours import on_duckdb
    from benchmarks.engine_pandas import as_analysts_write
    from benchmarks.engine_sql import by_hand

    # What a library loads when it is first used is an import too, for every way alike.
    to_pandas(frame(pd.DataFrame({"a": [1]})))
    with duckdb.connect() as con:
        con.execute("SELECT 1 AS a").df()
    return {
        "ours": lambda function, paths, _: on_duckdb(function, paths),
        "sql": by_hand,
        "pandas": lambda function, paths, _: as_analysts_write(function, paths),
    }


def spark(function: str, paths: Mapping[str, list[str]], out: Path) -> None:
    """The table made by Spark; what it costs is in another process, a child of this one."""
    import psutil

    from benchmarks.engine_ours import on_spark

    with tempfile.TemporaryDirectory() as work:
        start, cpu = time.perf_counter(), time.process_time()
        on_spark(function, paths, Path(work)).to_parquet(out)
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        children = psutil.Process().children(recursive=True)
        cpu += sum(sum(child.cpu_times()[:2]) for child in children)
        tell_cost(cpu, wall, peak_mib() + sum(peak_mib(child.pid) for child in children))


def main() -> None:
    """Make the table, keep it in a file, and print what it cost: CPU and wall after the imports, memory of the whole process."""
    way, function, office, out, *memory = sys.argv[1:]
    opened = store.open_office(Path(office))
    paths = {name: opened.paths(name) for name in TABLES}
    if way == "spark":
        spark(function, paths, Path(out))
        return
    make = makers()[way]
    start, cpu = time.perf_counter(), time.process_time()
    found = make(function, paths, memory[0] if memory else None)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    found.to_parquet(out)
    tell_cost(cpu, wall, peak_mib())


if __name__ == "__main__":
    main()
