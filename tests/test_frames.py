"""Mirrors frames.py: the same answer whatever table comes in."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.builders import rows, table
from workbench.errors import SchemaError
from workbench.frames import connection, frame, is_frame, kept, table_function, to_arrow, to_pandas

TABLE = table("""
    center_code  due_date    amount_centimes
    0101         2024-06-30            10000
    0101         -                      2500
    -            2024-01-15             -300
    0102         2024-07-01                -
""")


@table_function
def due_by(items: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    return (
        items.filter(nw.col("due_date") <= as_of)
        .group_by("center_code")
        .agg(n=nw.len(), amount_centimes=nw.col("amount_centimes").sum())
        .with_columns(nw.col("n", "amount_centimes").cast(nw.Int64))
        .sort("center_code", nulls_last=True)
    )


def forms(folder: Path) -> list[Any]:
    arrow = to_arrow(TABLE)
    pq.write_table(arrow, folder / "part.parquet")
    return [
        TABLE,
        arrow,
        pl.from_arrow(arrow),
        pl.from_arrow(arrow).lazy(),
        connection().from_arrow(arrow),
        folder,
        nw.from_native(TABLE),
    ]


def test_every_form_of_a_table_gives_the_same_answer(tmp_path: Path) -> None:
    for form in forms(tmp_path):
        assert rows(due_by(form, as_of=date(2024, 6, 30))) == [("0101", 1, 10000), (None, 1, -300)]


def test_centimes_stay_integers_beside_a_null() -> None:
    out = to_pandas(to_arrow(TABLE))
    assert str(out["amount_centimes"].dtype) == "Int64"
    assert out["amount_centimes"].isna().sum() == 1


def test_two_empty_results_merge_on_several_texts() -> None:
    nobody = to_pandas(frame(TABLE).filter(nw.col("amount_centimes") > 10**9).with_columns(agency_code="center_code"))
    merged = nobody.merge(nobody, on=["center_code", "agency_code"], how="outer")
    assert len(merged) == 0
    assert str(merged["center_code"].dtype) == str(to_pandas(to_arrow(TABLE))["center_code"].dtype)


def test_what_is_kept_is_computed_once_and_let_go() -> None:
    once = connection().sql("SELECT random() AS draw")
    with kept(once) as held:
        assert rows(to_pandas(held)) == rows(to_pandas(held))
        name = held.alias
    left = connection().sql("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'kept_%'").fetchall()
    assert (name in str(left), left) == (False, [])


def test_lazy_results_chain_without_leaving_the_engine() -> None:
    lazy = due_by(TABLE, date(2024, 12, 31), lazy=True)
    assert isinstance(lazy, duckdb.DuckDBPyRelation)
    assert len(to_pandas(frame(lazy).filter(nw.col("n") > 0))) == 3


def test_timestamps_called_dates_become_dates() -> None:
    assert to_arrow(pd.DataFrame({"a_date": pd.to_datetime(["2024-01-01"])})).schema.field("a_date").type == pa.date32()


def test_a_text_is_no_table() -> None:
    assert not is_frame("invoices")
    assert is_frame(Path("invoices"))


def test_spark_frames_pass_through() -> None:
    pytest.importorskip("pyspark", reason="pyspark is absent: install requirements-test.lock")
    from pyspark.sql import SparkSession

    try:
        spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    except Exception as error:  # Java is not a Python package
        pytest.skip(f"Spark does not start (it needs Java 17, package openjdk-17-jre-headless): {type(error).__name__}")
    try:
        out = due_by(
            spark.createDataFrame(
                to_arrow(TABLE).to_pylist(), "center_code string, due_date date, amount_centimes long"
            ),
            date(2024, 6, 30),
        )
        assert rows(out) == [("0101", 1, 10000), (None, 1, -300)]
    finally:
        spark.stop()


def test_amounts_that_pandas_keeps_as_floats_are_whole_again_or_refused() -> None:
    blurred = pd.DataFrame({"amount_ht_centimes": [12.0, None]})
    assert to_arrow(blurred)["amount_ht_centimes"].to_pylist() == [12, None]
    with pytest.raises(SchemaError, match="no whole number"):
        frame(pd.DataFrame({"amount_ht_centimes": [12.5, None]}))


def test_an_all_empty_column_of_pandas_has_the_type_that_its_name_says() -> None:
    empty = pd.DataFrame({"invoice_id": ["F1"], "amount_ht_centimes": [None], "label": [None], "due_date": [None]})
    found = to_arrow(empty).schema
    assert [str(found.field(name).type) for name in ("amount_ht_centimes", "label", "due_date")] == [
        "int64",
        "string",
        "date32[day]",
    ]
