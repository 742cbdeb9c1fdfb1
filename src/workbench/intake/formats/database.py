"""A query on PostgreSQL, read through ADBC straight into Arrow. Amounts come as the text of their exact decimals.

The file is a ticket: a small TOML that gives the parameters of the profile's query (`from_date = 2024-01-01`), so that what was
asked is kept like any file received. The address of the server is in the environment variable that the profile names, never in a file.
"""

import importlib
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ReadingError
from workbench.intake.formats.filling import filled
from workbench.intake.formats.grid import Grid, distinct_headers, source_of
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading
from workbench.schemas.checking import Problem

# Types whose values are no exact decimals: money is an integer of the server's own unit, the others are binary.
_INEXACT = ("float4", "float8", "money")


def read(path: Path, profile: Profile) -> Reading:
    """The tables of a query, in their declared schema. Lines are rows of the result, from 1."""
    rows = _fetched(profile, _parameters(path, profile), path.name)
    names = distinct_headers(rows.column_names, path.name)
    columns = {name: _texts(rows, place, profile, path.name) for place, name in enumerate(names)}
    grid = Grid(path.name, columns, len(rows), lambda: pa.array(range(1, len(rows) + 1), pa.int64()))
    grid.faults = _inexact(grid, rows.rename_columns(names).schema, profile)
    return filled(grid, profile)


def _parameters(path: Path, profile: Profile) -> list[Any]:
    """The values of the query's parameters, in the order of the profile. `ReadingError` where the ticket has others."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReadingError(f"the ticket is no TOML: {error}", path.name, "write `parameter = value` lines") from error
    if set(given) != set(profile.parameters):
        raise ReadingError(
            f"the ticket gives {', '.join(sorted(given)) or 'nothing'}; the query needs {', '.join(profile.parameters) or 'nothing'}",
            path.name,
            "give exactly the parameters of the profile",
        )
    return [given[name] for name in profile.parameters]


def _fetched(profile: Profile, parameters: Sequence[Any], file_name: str) -> pa.Table:
    uri = os.environ.get(profile.uri_variable)
    if not uri:
        raise ReadingError(
            f"the environment variable {profile.uri_variable} is not set", file_name, "put the server's address in it"
        )
    try:
        driver = importlib.import_module("adbc_driver_postgresql.dbapi")
    except ImportError as error:
        raise ReadingError(
            "the reader of databases is not installed", file_name, "install the extra postgres"
        ) from error
    try:
        # A read-only session: whatever the query says, nothing is written there.
        with driver.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(profile.query, [str(value) for value in parameters] or None)
            rows: pa.Table = cursor.fetch_arrow_table()
            connection.rollback()
            return rows
    except driver.Error as error:
        said = str(error).replace(uri, profile.uri_variable)
        raise ReadingError(
            f"the database refused: {said}", file_name, "check the query, the address and the rights"
        ) from error


def _texts(rows: pa.Table, place: int, profile: Profile, file_name: str) -> pa.Array:
    """A column of the result as the profile would have it written."""
    column, kind = rows.column(place).combine_chunks(), rows.schema.field(place).type
    if isinstance(column, pa.ExtensionArray):  # numeric, and others that Arrow has no type for: held as their text
        column, kind = column.storage, column.storage.type
    if pa.types.is_string(kind) and not _is_numeric(rows.schema.field(place)):
        trimmed = pc.utf8_trim_whitespace(column)
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    if pa.types.is_date(kind):
        return pc.strftime(pc.cast(column, pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S")
    if pa.types.is_timestamp(kind):
        mark = "+00:00" if kind.tz else ""
        return pc.strftime(pc.cast(column, pa.timestamp("s"), safe=False), f"%Y-%m-%dT%H:%M:%S{mark}")
    try:
        return pc.replace_substring(pc.cast(column, pa.string()), ".", profile.decimal)
    except pa.ArrowNotImplementedError as error:
        raise ReadingError(
            f"column « {rows.column_names[place]} » is of type {kind}, which is no cell",
            file_name,
            "cast it to text in the query",
        ) from error


def _is_numeric(field: pa.Field) -> bool:
    return _server_type(field) == "numeric"


def _server_type(field: pa.Field) -> str:
    said = (field.metadata or {}).get(b"POSTGRESQL:type", b"")
    return str(said.decode().strip("'"))


def _inexact(grid: Grid, schema: pa.Schema, profile: Profile) -> list[Problem]:
    """Amounts that the query returns as binary numbers."""
    wanted = {
        (column, source_of(grid, names)): target.table
        for target in profile.targets
        for column, names in target.columns.items()
        if column.endswith("_centimes")
    }
    sign = profile.sign
    wanted |= {
        ("amount_centimes", grid.header(header)): profile.targets[0].table
        for header in (sign.debit, sign.credit)
        if header
    }
    return [
        Problem("amount_is_float", "refused", {"column": header, "type": kind}, grid.file_name, None, table, column)
        for (column, header), table in wanted.items()
        if header in grid.columns and (kind := _server_type(schema.field(header))) in _INEXACT
    ]
