"""The one door between pandas, Polars, Arrow, Parquet, DuckDB and Spark.

A table function is written once, over lazy narwhals frames, and run by DuckDB (whatever table comes in) or by Spark (where a
Spark frame comes in). narwhals is never let run on pandas itself: an aggregate of a condition gives a silent wrong sum there.
"""

import contextlib
import functools
import inspect
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

import duckdb
import narwhals as nw
import pyarrow as pa

from workbench.errors import SchemaError

if TYPE_CHECKING:  # loaded where a pandas table is made: commands that make none start a quarter of a second sooner
    import pandas as pd

_KEPT = itertools.count()
_FRAME_MODULES = {"pandas", "polars", "pyarrow", "duckdb", "_duckdb", "pyspark", "narwhals"}


def connection() -> duckdb.DuckDBPyConnection:
    """The one DuckDB connection of this process: relations of two connections cannot be joined, threads cannot share one."""
    return _connection()


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.default_connection()
    con.execute("SET TimeZone='UTC'")
    con.execute("SET enable_progress_bar = false")  # in a notebook a slow answer would show its bar on the page
    if limit := os.environ.get("WORKBENCH_DUCKDB_MEMORY"):  # a report runs under a limit that its runner sets
        con.execute("SET memory_limit = $1", [limit])
    return con


def frame(table: Any) -> nw.LazyFrame[Any]:
    """A lazy narwhals frame of any table: pandas, Polars, Arrow, a Parquet path (file, folder, glob), DuckDB, Spark.

    Timestamps in columns named `…_date` become dates here, so that no function meets both.
    """
    if isinstance(table, nw.LazyFrame):
        return table
    if isinstance(table, nw.DataFrame):
        return frame(table.to_native())
    if isinstance(table, (str, os.PathLike)):
        path = os.fspath(table)
        return _lazy(connection().read_parquet(os.path.join(path, "**/*.parquet") if os.path.isdir(path) else path))
    module = type(table).__module__.split(".")[0]
    if module == "pandas":
        return _lazy(connection().from_arrow(_typed(_dates(pa.Table.from_pandas(table, preserve_index=False)))))
    if module == "polars":
        table = table.collect() if hasattr(table, "collect") else table
        return _lazy(connection().from_arrow(_dates(table.to_arrow())))
    if module == "pyarrow":
        return _lazy(connection().from_arrow(_dates(table)))
    return _lazy(table)


def _lazy(native: Any) -> nw.LazyFrame[Any]:
    lazy = nw.from_native(native)
    return lazy if isinstance(lazy, nw.LazyFrame) else lazy.lazy()


def _dates(table: Any) -> Any:
    if not isinstance(table, pa.Table):
        return table
    fields = [
        pa.field(f.name, pa.date32())
        if f.name.endswith("_date")
        and (pa.types.is_timestamp(f.type) or pa.types.is_date64(f.type) or pa.types.is_null(f.type))
        else f
        for f in table.schema
    ]
    return table.cast(pa.schema(fields), safe=False)


def _typed(table: pa.Table) -> pa.Table:
    """What pandas blurs, by the names: amounts beside a null are floats there, and of what an empty column is empty it cannot tell."""
    fields = [
        pa.field(f.name, pa.int64())
        if f.name.endswith("_centimes") and (pa.types.is_null(f.type) or pa.types.is_floating(f.type))
        else pa.field(f.name, pa.string())
        if pa.types.is_null(f.type)
        else f
        for f in table.schema
    ]
    try:
        return table.cast(pa.schema(fields))
    except pa.ArrowInvalid as error:
        raise SchemaError(f"a column of centimes holds what is no whole number: {error}") from error


def is_frame(value: Any) -> bool:
    """Whether a value is a table that `frame` takes (a text is not: paths come as `Path`)."""
    return isinstance(value, os.PathLike) or (
        type(value).__module__.split(".")[0] in _FRAME_MODULES and hasattr(type(value), "columns")
    )


def to_pandas(table: Any) -> "pd.DataFrame":
    """A pandas table of a result: `int64` becomes `Int64`, so that a null cannot turn centimes into floats."""
    import pandas as pd

    native = nw.to_native(table, pass_through=True)
    if isinstance(native, pd.DataFrame):
        return native
    if isinstance(native, duckdb.DuckDBPyRelation):
        native = native.to_arrow_table()
    if isinstance(native, pa.Table):
        small: pd.DataFrame = native.to_pandas(date_as_object=False, types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        return small if len(small) else _mergeable(small)
    return to_pandas(native.toArrow())  # Spark


def _mergeable(empty: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    # An empty text column from Arrow holds no chunk at all, and pandas 3 cannot merge two of those on several keys.
    for name in empty.columns[[str(dtype) == "str" for dtype in empty.dtypes]]:
        empty[name] = pd.Series([], dtype="str", index=empty.index)
    return empty


@contextlib.contextmanager
def kept(table: Any) -> Iterator[Any]:
    """A lazy result computed once and held by its engine while the block lasts, for answers that need it several times."""
    native = nw.to_native(frame(table), pass_through=True)
    if not isinstance(native, duckdb.DuckDBPyRelation):  # Spark
        held = native.cache()
        try:
            yield held
        finally:
            held.unpersist()
        return
    name = f"kept_{next(_KEPT)}"
    native.create(name)
    try:
        yield connection().table(name)
    finally:
        connection().execute(f"DROP TABLE {name}")


def to_arrow(table: Any) -> pa.Table:
    """An Arrow table of any table that `frame` takes."""
    native = nw.to_native(frame(table), pass_through=True)
    return native.to_arrow_table() if isinstance(native, duckdb.DuckDBPyRelation) else native.toArrow()


LazyFunction = Callable[..., nw.LazyFrame[Any]]


@overload
def table_function(function: LazyFunction) -> Callable[..., Any]: ...
@overload
def table_function(*, order: Sequence[str]) -> Callable[[LazyFunction], Callable[..., Any]]: ...
def table_function(function: LazyFunction | None = None, *, order: Sequence[str] = ()) -> Callable[..., Any]:
    """Turn a function over lazy frames into one over any tables.

    Every argument that is a table comes in through `frame`. The result is a small pandas table, or with `lazy=True` the engine's
    own lazy object (a DuckDB relation, a Spark frame), ready to be given to the next table function. `order` names the columns by
    which people are shown the rows: a long table that goes on to the next function is not sorted for nobody.
    """
    if function is None:
        return lambda late: _on_any_table(late, order)
    return _on_any_table(function, order)


def _on_any_table(function: LazyFunction, order: Sequence[str]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def run(*args: Any, lazy: bool = False, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            if is_frame(value):
                bound.arguments[name] = frame(value)
        result = function(*bound.args, **bound.kwargs)
        if lazy:
            return nw.to_native(result, pass_through=True)
        return to_pandas(result.sort(*order) if order else result)

    return run
