"""The pinned files of the store, opened by Spark: the same rows, as known on the same import."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.rows import commit, disputes, ids
from workbench import store


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is not installed")
    if shutil.which("java") is None:
        pytest.skip("no Java: install a Java runtime (17 or later) for the Spark tests")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").getOrCreate()
    )
    yield session
    session.stop()


def test_spark_reads_the_same_pinned_files(spark: Any, office: Path) -> None:
    commit(office, "D1", "D2")
    commit(office, "D3")
    with store.writer(office) as writer:
        writer.replace("disputes", disputes("D1", invoice="F2"))
    for known_on in ("imp-00002", "imp-00003"):
        known = store.open_office(office, known_on)
        frame = spark.read.parquet(*known.paths("disputes"))
        rows = sorted((row["dispute_id"], row["invoice_id"]) for row in frame.collect())
        assert rows == ids(known)
        assert {field.dataType.typeName() for field in frame.schema} == {"string", "date"}
