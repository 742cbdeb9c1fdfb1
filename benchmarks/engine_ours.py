"""The four table functions of the house, over the files of a store, on DuckDB or on Spark: the same code."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.cash import balance_steps
from workbench.frames import frame
from workbench.recovery import ageing, collection_rates, cumulative_curves, movements, open_items

OPENING, AS_OF = date(2023, 12, 31), date(2024, 9, 30)
Tables = Mapping[str, Any]


def _ageing(tables: Tables) -> pd.DataFrame:
    items = open_items(*_of_items(tables), as_of=AS_OF, lazy=True)
    found: pd.DataFrame = ageing(items, AS_OF)
    return found


def _rates(tables: Tables) -> pd.DataFrame:
    moved = movements(*_of_items(tables), opening=OPENING, as_of=AS_OF, lazy=True)
    found: pd.DataFrame = collection_rates(moved, AS_OF, by=("center_code",))
    return found


def _positions(tables: Tables) -> pd.DataFrame:
    days, lines = (
        frame(tables[name]).with_columns(account_number=nw.col("account_identifier"))
        for name in ("statement_days", "bank_transactions")
    )
    found: pd.DataFrame = balance_steps(days, lines, AS_OF)
    return found


def _curves(tables: Tables) -> pd.DataFrame:
    found: pd.DataFrame = cumulative_curves(tables["invoices"], tables["allocations"], AS_OF)
    return found


def _of_items(tables: Tables) -> list[Any]:
    return [tables[name] for name in ("invoices", "allocations", "payments", "credit_notes", "write_offs")]


FUNCTIONS: dict[str, Callable[[Tables], pd.DataFrame]] = {
    "ageing": _ageing,
    "rates": _rates,
    "positions": _positions,
    "curves": _curves,
}


def on_duckdb(function: str, paths: Mapping[str, list[str]]) -> pd.DataFrame:
    """A table made by DuckDB, as in the house."""
    from workbench.frames import connection

    tables = {name: connection().read_parquet(files) for name, files in paths.items() if files}
    return FUNCTIONS[function](tables)


def on_spark(function: str, paths: Mapping[str, list[str]], work: Path) -> pd.DataFrame:
    """The same by Spark on this machine."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "6g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "16",
        "spark.local.dir": str(work),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[*]").appName("workbench")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    try:
        tables = {name: spark.read.parquet(*files) for name, files in paths.items() if files}
        return FUNCTIONS[function](tables)
    finally:
        spark.stop()
