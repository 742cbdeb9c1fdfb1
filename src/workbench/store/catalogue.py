"""The commit point: one row in `imports` decides what is there.

A Delta table is atomic alone, not with its neighbours. So a writer changes the tables first and then adds one row holding the
version of each; until that row is there nothing happened, and the next writer takes back what a dead one left. Readers pin the
versions of the newest row, or of the newest at an instant. Delta's own times are never used: they follow file times.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from workbench.errors import StoreError
from workbench.frames import connection
from workbench.schemas.tables import TABLES

COMPACT_EVERY = 32  # imports: one small file each; more would make every opening slower
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false", "delta.logRetentionDuration": "interval 100000 days"}


@dataclass(frozen=True)
class Commit:
    """A row of `imports`: what the office held after it."""

    import_id: str
    imported_at: datetime
    versions: dict[str, int]


def store_folder(office: Path) -> Path:
    """Folder of the tables of an office; a name with brackets is refused, for Delta reads them as a pattern."""
    folder = Path(office).resolve() / "store"
    if set("[]") & set(str(folder)):
        raise StoreError("the folder's name holds [ or ]", str(office), "rename the folder without brackets")
    return folder


def delta(folder: Path, name: str, version: int | None = None) -> DeltaTable:
    """A Delta table of the store, at a version; a table that newer software wrote is refused rather than half read."""
    try:
        table = DeltaTable(folder / name, version=version)
    except Exception as error:  # deltalake raises its own and OSError alike
        raise StoreError(f"table {name} cannot be opened: {error}", str(folder), "run workbench verify") from error
    if foreign := set(table.protocol().reader_features or []):
        raise StoreError(
            f"table {name} needs features that this reader lacks: {', '.join(sorted(foreign))}", str(folder)
        )
    return table


def files(table: DeltaTable) -> list[str]:
    """Paths of the Parquet files; the log percent-encodes them."""
    return [unquote(uri.removeprefix("file://")) for uri in table.file_uris()]


def create(office: Path) -> None:
    """Make the tables of an office that are not there yet, typed as declared, and the first row of `imports`."""
    folder = store_folder(office)
    folder.mkdir(parents=True, exist_ok=True)
    with lock(folder):
        for name, table in TABLES.items():
            if not DeltaTable.is_deltatable(str(folder / name)):
                DeltaTable.create(folder / name, schema=table.arrow, configuration=_CONFIGURATION)
        if not commits(folder):
            versions = {name: delta(folder, name).version() for name in TABLES if name != "imports"}
            add_commit(folder, "imp-00000", "create", "workbench", None, versions, {})


def commits(folder: Path) -> list[Commit]:
    """Every commit, oldest first; none where the store is not made yet."""
    if not DeltaTable.is_deltatable(str(folder / "imports")):
        raise StoreError(
            "there is no store here", str(folder.parent), "make one with workbench demo or workbench import"
        )
    paths = files(delta(folder, "imports"))
    if not paths:
        return []
    rows = connection().read_parquet(paths).project("import_id, imported_at, table_versions").order("imported_at")
    return [Commit(a, b.astimezone(UTC), json.loads(c)) for a, b, c in rows.fetchall()]


def commit_at(folder: Path, known_on: datetime | str | None = None) -> Commit:
    """The newest commit, or the newest at or before an instant, or the commit of an import."""
    history = commits(folder)
    if isinstance(known_on, str):
        history = [commit for commit in history if commit.import_id == known_on]
    elif known_on is not None:
        history = [commit for commit in history if commit.imported_at <= known_on]
    if not history:
        raise StoreError(f"nothing was known on {known_on}", str(folder.parent), "see workbench history")
    return history[-1]


def add_commit(
    folder: Path,
    import_id: str,
    kind: str,
    actor: str,
    note: str | None,
    versions: dict[str, int],
    counts: dict[str, int],
) -> None:
    """Add the row that decides. Instants never go back, whatever the clock does."""
    known = [c.imported_at for c in commits(folder)]
    now = datetime.now(UTC)
    row = {
        "import_id": import_id,
        "imported_at": max([now, *(at + timedelta(microseconds=1) for at in known)]),
        "import_kind_code": kind,
        "actor": actor,
        "note": note,
        "table_versions": json.dumps(versions, sort_keys=True),
        "row_counts": json.dumps(counts, sort_keys=True),
    }
    write_deltalake(folder / "imports", pa.Table.from_pylist([row], schema=TABLES["imports"].arrow), mode="append")
    _sync(folder / "imports")
    if len(known) % COMPACT_EVERY == COMPACT_EVERY - 1:
        delta(folder, "imports").optimize.compact()


def _sync(folder: Path) -> None:
    """Ask the disk to hold what was written: the newest log entry and the folders."""
    log = folder / "_delta_log"
    newest = max((path for path in log.iterdir() if path.suffix == ".json"), key=lambda path: path.name)
    for path in (newest, log, folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def lock(folder: Path, patience_seconds: float = 120.0) -> Iterator[None]:
    """Hold the store for writing; another writer waits, and after a while says who holds it. A dead holder holds nothing."""
    path = folder / ".lock"
    with open(path, "a+", encoding="utf-8") as handle:
        until = time.monotonic() + patience_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    handle.seek(0)
                    holder = handle.read().strip() or "?"
                    raise StoreError(
                        f"process {holder} has been writing for too long", str(path), "wait, or end it"
                    ) from None
                time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def take_back(folder: Path, commit: Commit) -> dict[str, int]:
    """Undo what a dead writer left beyond the last commit; the versions of the tables as they then stand."""
    versions = dict(commit.versions)
    for name in TABLES:
        if name == "imports":
            continue
        if not DeltaTable.is_deltatable(str(folder / name)):
            DeltaTable.create(folder / name, schema=TABLES[name].arrow, configuration=_CONFIGURATION)
            versions[name] = 0
        table = delta(folder, name)
        if table.version() != versions.get(name, 0):
            table.restore(versions.get(name, 0))
            versions[name] = delta(folder, name).version()
    return versions
