"""One SELECT asked by a person: over the tables, and over nothing else."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from workbench.errors import QueryRefused, StoreError
from workbench.schemas.tables import TABLES
from workbench.store.tables import Office, open_office

_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",  # else names of Python variables are tables
    "autoinstall_known_extensions": "false",  # else an unknown function name goes to the network for its extension
    "autoload_known_extensions": "false",
}


def query(folder: Path, sql: str, known_on: datetime | str | None = None, deadline_s: float | None = None) -> pa.Table:
    """The answer to one SELECT, on a connection that can read the tables' own files and nothing else, and write nothing.

    Raises `QueryRefused` for anything but one SELECT, for what the locked connection refuses, and where there is no answer within
    `deadline_s` seconds (None: as long as it takes).
    """
    office = open_office(folder, known_on)
    con = duckdb.connect(config=_CONFIGURATION)
    try:
        statements = con.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryRefused(
                "a query is one SELECT", remedy='for example: workbench query "SELECT count(*) FROM invoices"'
            )
        _offer(con, office)
        with _interrupted_after(deadline_s, con):
            return con.sql(sql).to_arrow_table()
    except duckdb.InterruptException:
        raise QueryRefused(
            f"there is no answer after {deadline_s:g} seconds", remedy="ask for less, or give it longer with --deadline"
        ) from None
    except duckdb.Error as error:
        raise QueryRefused(str(error).splitlines()[0], remedy="see workbench tables for names and columns") from error
    finally:
        con.close()


@contextlib.contextmanager
def _interrupted_after(seconds: float | None, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    timer = threading.Timer(seconds or 0, con.interrupt)
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _offer(con: duckdb.DuckDBPyConnection, office: Office) -> None:
    """Make the tables views over their pinned files, then lock the connection to these files."""
    try:
        con.execute("SET TimeZone = 'UTC'")
        paths: list[str] = []
        for name in TABLES:
            paths += office.paths(name)
            office.relation(name, con).to_view(name)
        listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        con.execute(f"SET allowed_paths = [{listed}]")
        con.execute("SET temp_directory = ''")  # a large answer fails rather than spill into the folder of the moment
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"the tables cannot be read: {reason}", str(office.folder), "run workbench verify") from error
