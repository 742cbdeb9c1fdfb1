"""Whether rows that bear one key tell one story: the same bill in two files, or in a file and in the store.

A later delivery may complete a row (the day on which a bill was cancelled), never contradict it: of two values nobody knows which is
right, so the file waits for a person. Of lists of SAP the newest counts, whatever it changes; two of one day that give an item two
amounts contradict each other. Reference tables are replaced by key: they are not asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import duckdb
import pyarrow as pa

from workbench.frames import connection
from workbench.schemas.tables import Table

STORED = -1  # the number of the store among the files
SHOWN = 3  # keys told of one file


@dataclass(frozen=True)
class Disagreement:
    """A file whose rows contradict an earlier one's (`STORED`: the store's): how many keys, and the first of them."""

    file: int
    other: int
    count: int
    keys: tuple[str, ...]


def disagreements(stored: Any, parts: Sequence[tuple[int, pa.Table]], table: Table) -> list[Disagreement]:
    """The files, in their order, that contradict the store or a file before them.

    Parameters
    ----------
    stored
        The table as the store holds it (a DuckDB relation).
    parts
        (number of the file, its rows) in the order of the files; `table` declares the key.
    """
    con = connection()
    rows = pa.concat_tables(
        [part.append_column("_file", pa.array([number] * len(part), pa.int64())) for number, part in parts]
    )
    con.register("_incoming", rows)
    try:
        versions = stored.query("_stored", _versions(table))
        con.register("_versions", versions.to_arrow_table())
        found = con.sql(_apart(table)).fetchall()
    finally:
        con.unregister("_incoming")
        con.unregister("_versions")
    return [Disagreement(int(file), int(other), int(count), tuple(keys)) for file, other, count, keys in found]


def completed(stored: Any, incoming: pa.Table, table: Table) -> pa.Table:
    """Rows by key, each with every value that the store or any delivery knows of it. Only for rows that agree."""
    con = connection()
    values = ", ".join(f'max("{name}") as "{name}"' for name in incoming.column_names if name not in table.key)
    keys = ", ".join(f'"{name}"' for name in table.key)
    same = " and ".join(f's."{name}" = i."{name}"' for name in table.key)
    names = ", ".join(f'"{name}"' for name in incoming.column_names)
    con.register("_incoming", incoming)
    try:
        both = f"select {names} from _incoming union all select {names} from _stored s where exists (select 1 from _incoming i where {same})"
        merged = stored.query("_stored", f"select {keys}, {values} from ({both}) group by {keys}").to_arrow_table()
    finally:
        con.unregister("_incoming")
    return merged.select(incoming.column_names).cast(incoming.schema)


def differences(stored: Any, incoming: pa.Table, table: Table) -> tuple[pa.Table, pa.Table, int]:
    """Rows whose key is not stored, rows whose key is stored with other values, and how many of these lose a clearing.

    The last of several deliveries counts; where rows date their version, the newest: an older list that comes late changes nothing.
    """
    con = connection()
    ranked = incoming.append_column("_delivery", pa.array(range(len(incoming)), pa.int64()))
    names = ", ".join(f'"{name}"' for name in incoming.column_names)
    keys = ", ".join(f'"{name}"' for name in table.key)
    same_key = " and ".join(f'i."{name}" is not distinct from s."{name}"' for name in table.key)
    newest = f'"{table.version}" desc nulls last, ' if table.version else ""
    not_older = f'not coalesce(i."{table.version}" < s."{table.version}", false)' if table.version else "true"
    same_row = " and ".join(f'i."{name}" is not distinct from s."{name}"' for name in incoming.column_names)
    arrived, kept = con.from_arrow(ranked), stored
    last = arrived.query(
        "_i",
        f"select {names} from _i qualify row_number() over (partition by {keys} order by {newest}_delivery desc) = 1",
    )
    arrow = cast(duckdb.DuckDBPyRelation, last).to_arrow_table()
    con.register("_incoming", arrow)
    try:
        new = kept.query(
            "_s", f"select i.* from _incoming i where not exists (select 1 from _s s where {same_key})"
        ).to_arrow_table()
        changed = kept.query(
            "_s", f"select i.* from _incoming i join _s s on {same_key} where not ({same_row}) and {not_older}"
        ).to_arrow_table()
        uncleared = 0
        if "clearing_date" in incoming.column_names:
            gone = "s.clearing_date is not null and i.clearing_date is null"
            counted = kept.query(
                "_s", f"select count(*) from _incoming i join _s s on {same_key} where {gone} and {not_older}"
            )
            uncleared = int(counted.fetchall()[0][0])
    finally:
        con.unregister("_incoming")
    return new.cast(incoming.schema), changed.cast(incoming.schema), uncleared


def _versions(table: Table) -> str:
    """Every version of the keys that come more than once: the incoming rows, and the stored ones beside them."""
    names = ", ".join(f'"{name}"' for name in table.columns)
    keys = ", ".join(f'"{name}"' for name in _told_together(table))
    same = " and ".join(f's."{name}" is not distinct from i."{name}"' for name in _told_together(table))
    both = (
        f"select {names}, _file from _incoming union all "
        f"select {names}, {STORED} from _stored s where exists (select 1 from _incoming i where {same})"
    )
    return f"select * from ({both}) qualify count(*) over (partition by {keys}) > 1"


def _told_together(table: Table) -> list[str]:
    """What two rows have in common that must tell one story: their key, and where rows date their version, that date."""
    return [*table.key, *([table.version] if table.version else [])]


def _apart(table: Table) -> str:
    """By file: how many of its keys say something else than the first version of them.

    Texts and days of an item change in SAP from one print to the next, its amount never does.
    """
    values = [name for name in table.columns if name not in _told_together(table)]
    if table.version:
        values = [name for name in values if name.endswith("_centimes") or name == "currency_code"]
    keys = ", ".join(f'"{name}"' for name in _told_together(table))
    first = ", ".join(
        f'first_value("{name}" ignore nulls) over w as "first_{number}"' for number, name in enumerate(values)
    )
    differs = " or ".join(f'"{name}" <> "first_{number}"' for number, name in enumerate(values))
    key = " || '/' || ".join(f'cast("{name}" as varchar)' for name in table.key)
    return f"""
        with told as (
            select *, first_value(_file) over w as _other, {first} from _versions
            window w as (partition by {keys} order by _file rows between unbounded preceding and unbounded following))
        select _file, min(_other), count(*), list({key} order by {key})[:{SHOWN}]
        from told where {differs} group by _file order by _file
    """
