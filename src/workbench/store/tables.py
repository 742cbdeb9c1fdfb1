"""Tables of an office: the one reader, and the writer that changes several of them as one import."""

import contextlib
import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError

from workbench.errors import SchemaError, StoreError
from workbench.frames import connection
from workbench.schemas.tables import Table, table
from workbench.store import catalogue, delta_log, spool
from workbench.store.catalogue import Commit, commit_at, store_folder
from workbench.store.delta_log import delta
from workbench.store.spool import Spool

FORECAST = "forecast"  # kind of a commit that only logs plans
_SQL_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "date32[day]": "DATE", "bool": "BOOLEAN"}


class Office:
    """An office as it was known on one import: `office["invoices"]` is a relation in the declared schema."""

    def __init__(self, folder: Path, commit: Commit) -> None:
        self.folder, self.import_id, self.imported_at, self.versions = (
            folder,
            commit.import_id,
            commit.imported_at,
            commit.versions,
        )
        described = folder / "office.toml"
        self.settings: dict[str, Any] = tomllib.loads(described.read_text("utf-8")) if described.is_file() else {}

    @property
    def is_synthetic(self) -> bool:
        """Whether the office is made up, and every page has to say so."""
        return bool(self.settings.get("synthetic", False))

    @property
    def data_import_id(self) -> str:
        """The last import that brought data: a plan logged, or files joined, since then changes nothing that a plan can read."""
        return catalogue.newest_but(store_folder(self.folder), (FORECAST, "compact"), self.imported_at).import_id

    def before_forecasts(self) -> "Office":
        """The office as of the newest commit that is no log of plans: what a report that reads no log rests on."""
        return Office(self.folder, catalogue.newest_but(store_folder(self.folder), (FORECAST,), self.imported_at))

    def __getitem__(self, name: str) -> duckdb.DuckDBPyRelation:
        return self.relation(name, connection())

    def relation(self, name: str, con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        """A table on a connection; of `imports`, the rows known on this office's own."""
        found = open_table(self.folder, name, self.versions, con)
        return found.filter(f"imported_at <= TIMESTAMPTZ '{self.imported_at}'") if name == "imports" else found

    def paths(self, name: str) -> list[str]:
        """The Parquet files that hold a table as known on this import: what another engine (Spark) may read."""
        return pinned_files(self.folder, name, self.versions)

    def known_on(self, known_on: datetime | str) -> "Office":
        """The same office as it was known on an instant or an import."""
        return Office(self.folder, commit_at(store_folder(self.folder), known_on))


def create_office(folder: Path) -> None:
    """Make an office's folders and empty tables; what is there already stays."""
    with refusals_told(store_folder(Path(folder))):
        (Path(folder) / "inbox").mkdir(parents=True, exist_ok=True)
        catalogue.create(Path(folder))


def open_office(folder: Path | None = None, known_on: datetime | str | None = None) -> Office:
    """The office of a folder, or the one that the environment names (`WORKBENCH_OFFICE`, `WORKBENCH_IMPORT`)."""
    if folder is None:
        if "WORKBENCH_OFFICE" not in os.environ:
            raise StoreError("no office is named", "WORKBENCH_OFFICE", "set it to the office's folder")
        folder, known_on = Path(os.environ["WORKBENCH_OFFICE"]), known_on or os.environ.get("WORKBENCH_IMPORT")
    return Office(Path(folder), commit_at(store_folder(Path(folder)), known_on))


def pinned_files(office: Path, name: str, versions: dict[str, int]) -> list[str]:
    """Parquet files of a table at its pinned version; none where the table was declared after that commit."""
    if name != "imports" and name not in versions:
        return []
    return delta_log.paths(store_folder(office), name, None if name == "imports" else versions[name])


def open_table(
    office: Path, name: str, versions: dict[str, int], con: duckdb.DuckDBPyConnection | None = None
) -> duckdb.DuckDBPyRelation:
    """A table at its pinned version, every declared column there and typed; a column added later is null in older files."""
    declared, con = table(name), con or connection()
    paths = pinned_files(office, name, versions)
    if not paths:
        return con.from_arrow(declared.arrow.empty_table())
    try:
        relation = con.read_parquet(paths, union_by_name=True)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"table {name} cannot be read: {reason}", str(office), "run workbench verify") from error
    there = set(relation.columns)
    return relation.project(", ".join(_cast(field, field.name in there) for field in declared.arrow))


def _cast(field: pa.Field, is_there: bool) -> str:
    value, kind = f'"{field.name}"' if is_there else "NULL", _SQL_TYPES.get(str(field.type), "TIMESTAMPTZ")
    return f'CAST({value} AS {kind}) AS "{field.name}"'


class Writer:
    """Changes kept until the import ends, then written with one commit a table and one row that decides."""

    def __init__(self, office: Path, import_id: str, versions: dict[str, int]) -> None:
        self.import_id = import_id
        self._office, self._versions = office, versions
        self._added: dict[str, Spool] = {}
        self._replaced: dict[str, list[pa.Table]] = defaultdict(list)
        self._superseded: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._abandoned = False

    def read(self, name: str) -> duckdb.DuckDBPyRelation:
        """The table as it was before this import."""
        return open_table(self._office, name, self._versions)

    def append(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Add rows; a column that may be null can be left out. Raises `SchemaError` where the rows are not as declared.

        A reader is read here, batch by batch: rows may be more than the memory holds (see `spool`).
        """
        declared, folder = table(name), store_folder(self._office)
        parts = [rows] if isinstance(rows, pa.Table) else (pa.Table.from_batches([batch]) for batch in rows)
        if not isinstance(rows, pa.Table):
            _as_declared(rows.schema.empty_table(), declared)  # a reader of no batch is as declared too
        with refusals_told(folder):
            waiting = self._added.setdefault(name, Spool(folder, name, declared.arrow))
            for part in parts:
                waiting.add(_as_declared(part, declared))

    def replace(self, name: str, rows: pa.Table) -> None:
        """Add rows in place of those of the same declared key; of several given for one key, the last given counts."""
        self._replaced[name].append(_as_declared(rows, table(name)))

    def supersede(self, name: str, keys: Sequence[dict[str, Any]]) -> None:
        """Mark the rows stored that have these values in these columns as superseded; they are kept."""
        self._superseded[name] += keys

    def abandon(self) -> None:
        """End without a commit: there was nothing to write."""
        self._abandoned = True

    @property
    def is_abandoned(self) -> bool:
        """Whether nothing is to be committed."""
        return self._abandoned

    def write(self) -> tuple[dict[str, int], dict[str, int]]:
        """Write every table, one commit each; the new versions and the rows added."""
        folder, versions, counts = store_folder(self._office), dict(self._versions), {}
        for name in sorted({*self._added, *self._replaced, *self._superseded}):
            added = self._added.get(name)
            counts[name] = sum(len(part) for part in self._replaced[name]) + (len(added) if added else 0)
            if self._replaced[name] or self._superseded[name]:
                delta_log.write(folder, name, self._rewritten(table(name)), overwrite=True)
            elif added:
                # Joined before, so that every file made here belongs to a version that is named.
                delta_log.compact(folder, name)
                delta_log.write(folder, name, added.reader())
            else:
                continue
            versions[name] = delta(folder, name).version()
        return versions, counts

    def _rewritten(self, declared: Table) -> pa.RecordBatchReader:
        """The whole table with rows replaced or marked, and the new rows behind; streamed, for it may be large."""
        con, name = connection(), declared.name
        kept = self.read(name).set_alias("k")
        if marks := self._superseded[name]:
            given = con.from_arrow(pa.Table.from_pylist(marks)).distinct()
            same = " AND ".join(f'k."{c}" = m."{c}"' for c in given.columns)
            columns = ", ".join(
                f'k."{c}" OR m."{given.columns[0]}" IS NOT NULL AS "{c}"' if c == "is_superseded" else f'k."{c}"'
                for c in declared.columns
            )
            kept = kept.join(given.set_alias("m"), same, how="left").project(columns).set_alias("k")
        parts = [con.from_arrow(self._added[name].reader())] if name in self._added else []
        if self._replaced[name]:
            new = _last_of_each_key(con, self._replaced[name], declared)
            same = " AND ".join(f'k."{c}" IS NOT DISTINCT FROM n."{c}"' for c in declared.key)
            kept = kept.join(con.from_arrow(new).set_alias("n"), same, how="anti")
            parts.append(con.from_arrow(new))
        for part in parts:
            kept = kept.union(part)
        reader = kept.to_arrow_reader(100_000)
        return pa.RecordBatchReader.from_batches(declared.arrow, (batch.cast(declared.arrow) for batch in reader))


def _last_of_each_key(con: duckdb.DuckDBPyConnection, parts: list[pa.Table], declared: Table) -> pa.Table:
    rows = pa.concat_tables(parts)
    ranked = con.from_arrow(rows.append_column("_given", pa.array(range(len(rows)), pa.int64())))
    keys, columns = (", ".join(f'"{c}"' for c in names) for names in (declared.key, declared.columns))
    order = f"row_number() OVER (PARTITION BY {keys} ORDER BY _given DESC) AS _nth"
    last = ranked.project(f"*, {order}").filter("_nth = 1").order("_given").project(columns)
    return last.to_arrow_table().cast(declared.arrow)


def _as_declared(rows: pa.Table, declared: Table) -> pa.Table:
    unknown = sorted(set(rows.column_names) - set(declared.columns))
    missing = [c for c in declared.columns if c not in rows.column_names and c not in declared.optional]
    if unknown or missing:
        told = "; ".join(f"{what}: {', '.join(names)}" for what, names in (("unknown", unknown), ("missing", missing)))
        raise SchemaError(f"these columns are not as declared ({told})", declared.name)
    columns = [
        rows[field.name] if field.name in rows.column_names else pa.nulls(len(rows), field.type)
        for field in declared.arrow
    ]
    try:
        return pa.table(columns, names=list(declared.columns)).cast(declared.arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaError(f"a column has another type than declared: {error}", declared.name) from error


@contextlib.contextmanager
def writer(
    office: Path,
    kind: str = "import",
    actor: str = "workbench",
    note: str | None = None,
    patience_seconds: float = catalogue.PATIENCE_SECONDS,
) -> Iterator[Writer]:
    """Hold the store, give a `Writer`, and commit when the block ends well; after an exception nothing happened.

    Raises `StoreError` where another writer holds the store for longer than `patience_seconds`, or the disk refuses.
    """
    office = Path(office)
    folder = store_folder(office)
    with refusals_told(folder):
        catalogue.create(office)
    with catalogue.lock(folder, f"{kind} by {actor}", patience_seconds):
        last = commit_at(folder)
        with refusals_told(folder):
            versions = catalogue.take_back(folder, last)
        making = Writer(office, catalogue.next_id(last), versions)
        spool.clear(folder)  # of a writer that was killed
        try:
            yield making
            if making.is_abandoned:
                return
            with refusals_told(folder):
                new_versions, counts = making.write()
                catalogue.add_commit(folder, making.import_id, kind, actor, note, new_versions, last.versions, counts)
        finally:
            spool.clear(folder)


@contextlib.contextmanager
def refusals_told(folder: Path) -> Iterator[None]:
    """Whatever the disk or the engines below refuse becomes a `StoreError`; nothing was committed."""
    try:
        yield
    except (OSError, DeltaError, duckdb.Error, pa.ArrowException) as error:
        raise StoreError(
            f"the store could not be written: {error}", str(folder), "free some space; the previous state stands"
        ) from error
