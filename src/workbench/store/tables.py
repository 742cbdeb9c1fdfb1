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
from deltalake import write_deltalake

from workbench.errors import StoreError
from workbench.frames import connection
from workbench.schemas.tables import Table, table
from workbench.store import catalogue
from workbench.store.catalogue import Commit, commit_at, delta, files, store_folder


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

    def __getitem__(self, name: str) -> duckdb.DuckDBPyRelation:
        return open_table(self.folder, name, self.versions)

    def known_on(self, known_on: datetime | str) -> "Office":
        """The same office as it was known on an instant or an import."""
        return Office(self.folder, commit_at(store_folder(self.folder), known_on))


def create_office(folder: Path) -> None:
    """Make an office's folders and empty tables; what is there already stays."""
    (Path(folder) / "inbox").mkdir(parents=True, exist_ok=True)
    catalogue.create(Path(folder))


def open_office(folder: Path | None = None, known_on: datetime | str | None = None) -> Office:
    """The office of a folder, or the one that the environment names (`WORKBENCH_OFFICE`, `WORKBENCH_IMPORT`)."""
    if folder is None:
        if "WORKBENCH_OFFICE" not in os.environ:
            raise StoreError("no office is named", "WORKBENCH_OFFICE", "set it to the office's folder")
        folder, known_on = Path(os.environ["WORKBENCH_OFFICE"]), known_on or os.environ.get("WORKBENCH_IMPORT")
    return Office(Path(folder), commit_at(store_folder(Path(folder)), known_on))


def open_table(office: Path, name: str, versions: dict[str, int]) -> duckdb.DuckDBPyRelation:
    """A table at its pinned version, every declared column there and typed; a column added later is null in older files."""
    declared = table(name)
    folder = store_folder(office)
    paths = files(delta(folder, name, None if name == "imports" else versions.get(name, 0)))
    if not paths:
        return connection().from_arrow(declared.arrow.empty_table())
    relation = connection().read_parquet(paths, union_by_name=True)
    return relation.project(", ".join(_cast(field, set(relation.columns)) for field in declared.arrow))


def _cast(field: pa.Field, there: set[str]) -> str:
    kinds = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "date32[day]": "DATE", "bool": "BOOLEAN"}
    kind = kinds.get(str(field.type), "TIMESTAMPTZ")
    return f'CAST({chr(34) + field.name + chr(34) if field.name in there else "NULL"} AS {kind}) AS "{field.name}"'


class Writer:
    """Changes kept until the import ends, then written with one commit a table and one row that decides."""

    def __init__(self, office: Path, import_id: str, versions: dict[str, int]) -> None:
        self.import_id = import_id
        self._office, self._versions = office, versions
        self._added: dict[str, list[pa.Table]] = defaultdict(list)
        self._replaced: dict[str, list[pa.Table]] = defaultdict(list)
        self._superseded: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._abandoned = False

    def read(self, name: str) -> duckdb.DuckDBPyRelation:
        """The table as it was before this import."""
        return open_table(self._office, name, self._versions)

    def append(self, name: str, rows: pa.Table) -> None:
        """Add rows; a row without `import_id` where the table has one is filled with this import's."""
        self._added[name].append(rows.cast(table(name).arrow))

    def replace(self, name: str, rows: pa.Table) -> None:
        """Add rows in place of those of the same declared key."""
        self._replaced[name].append(rows.cast(table(name).arrow))

    def supersede(self, name: str, keys: Sequence[dict[str, Any]]) -> None:
        """Mark the live rows that have these values in these columns as superseded; they are kept."""
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
            new = [*self._added[name], *self._replaced[name]]
            counts[name] = sum(len(part) for part in new)
            if self._replaced[name] or self._superseded[name]:
                write_deltalake(folder / name, self._rewritten(table(name)), mode="overwrite")
            elif counts[name]:
                write_deltalake(folder / name, pa.concat_tables(new), mode="append")
            versions[name] = delta(folder, name).version()
        return versions, counts

    def _rewritten(self, declared: Table) -> pa.Table:
        """The whole table with rows replaced or marked, and the new rows behind."""
        kept = self.read(declared.name).to_arrow_table().cast(declared.arrow)
        con = connection()
        new = [*self._added[declared.name], *self._replaced[declared.name]]
        if marks := self._superseded[declared.name]:
            kept = self._marked(con, kept, pa.Table.from_pylist(marks), declared)
        if replaced := self._replaced[declared.name]:
            con.register("_kept", kept)
            con.register("_new", pa.concat_tables(replaced))
            same = " and ".join(f'k."{c}" is not distinct from n."{c}"' for c in declared.key)
            query = f"select k.* from _kept k where not exists (select 1 from _new n where {same})"
            kept = con.sql(query).to_arrow_table().cast(declared.arrow)
            con.unregister("_kept")
            con.unregister("_new")
        return pa.concat_tables([kept, *new])

    @staticmethod
    def _marked(con: duckdb.DuckDBPyConnection, kept: pa.Table, marks: pa.Table, declared: Table) -> pa.Table:
        con.register("_kept", kept)
        con.register("_marks", marks)
        same = " and ".join(f'k."{c}" = m."{c}"' for c in marks.column_names)
        columns = ", ".join(
            f"k.is_superseded or exists (select 1 from _marks m where {same}) as is_superseded"
            if c == "is_superseded"
            else f'k."{c}"'
            for c in declared.columns
        )
        marked = con.sql(f"select {columns} from _kept k").to_arrow_table().cast(declared.arrow)
        con.unregister("_kept")
        con.unregister("_marks")
        return marked


@contextlib.contextmanager
def writer(office: Path, kind: str = "import", actor: str = "workbench", note: str | None = None) -> Iterator[Writer]:
    """Hold the store, give a `Writer`, and commit when the block ends well; after an exception nothing happened."""
    office = Path(office)
    catalogue.create(office)
    folder = store_folder(office)
    with catalogue.lock(folder):
        last = commit_at(folder)
        versions = catalogue.take_back(folder, last)
        making = Writer(office, f"imp-{len(catalogue.commits(folder)):05d}", versions)
        yield making
        if making.is_abandoned:
            return
        try:
            new_versions, counts = making.write()
            catalogue.add_commit(folder, making.import_id, kind, actor, note, new_versions, counts)
        except OSError as error:
            raise StoreError(
                f"the import could not be written: {error}", str(folder), "free some space; the previous state stands"
            ) from error
