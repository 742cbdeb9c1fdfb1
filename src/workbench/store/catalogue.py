"""The commit point: one row in `imports` decides what is there.

A Delta table is atomic alone, not with its neighbours. So a writer changes the tables first and then adds one row holding the
version of each; until that row is there nothing happened, and the next writer takes back what a dead one left. Readers pin the
versions of the newest row, or of the newest at an instant. Delta's own times are never used: they follow file times.
"""

import contextlib
import json
import os
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from workbench.errors import NothingKnown, StoreError, WrongUse
from workbench.frames import connection
from workbench.schemas.tables import TABLES
from workbench.store import delta_log, seals, turns
from workbench.store.delta_log import delta

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Commit:
    """A row of `imports`: what the office held after it."""

    import_id: str
    imported_at: datetime
    versions: dict[str, int]
    kind: str = "import"


def store_folder(office: Path) -> Path:
    """Folder of the tables of an office.

    A name with a backslash or a line end is refused, for Delta takes the one for a slash and loses the other; so is one with brackets,
    which Delta reads as a pattern, and one with `%` and two hexadecimal digits, which it decodes once when it writes and twice when
    it reads. Any other `%` is a mere character.
    """
    folder = Path(office).resolve() / "store"
    if set("[]") & set(str(folder)):
        raise StoreError("the folder's name holds [ or ]", str(office), "rename the folder without brackets")
    if "\\" in str(folder) or not str(folder).isprintable():
        raise StoreError(
            "the folder's name holds a backslash or a line end", str(office), "rename the folder without it"
        )
    if unquote(str(folder)) != str(folder):
        raise StoreError("the folder's name holds % before two digits", str(office), "rename the folder without it")
    return folder


def next_id(commit: Commit) -> str:
    """The name of the import that follows a commit."""
    return f"imp-{int(commit.import_id.removeprefix('imp-')) + 1:05d}"


def create(office: Path) -> None:
    """Make the tables of an office that are not there yet, typed as declared, and the first row of `imports`."""
    folder = store_folder(office)
    if delta_log.entry(folder, "imports", 1).is_file():  # the first row is there, hence every table
        return
    folder.mkdir(parents=True, exist_ok=True)
    with lock(folder, "create"):
        for name in TABLES:
            delta_log.create(folder, name)
        if not commits(folder):
            versions = {name: delta(folder, name).version() for name in TABLES if name != "imports"}
            add_commit(folder, "imp-00000", "create", "workbench", None, versions, {}, {})


def commits(folder: Path) -> list[Commit]:
    """Every commit, oldest first."""
    return _rows(folder, "true", "imported_at")


def commit_at(folder: Path, known_on: datetime | str | None = None) -> Commit:
    """The newest commit, or the newest at or before an instant, or the commit of an import."""
    if known_on is None:
        found = _rows(folder, "true", "imported_at DESC LIMIT 1")
    elif isinstance(known_on, str):
        found = _rows(folder, "import_id = $1", "imported_at DESC LIMIT 1", known_on)
    elif known_on.tzinfo is None:
        raise WrongUse("an instant without its time zone says no instant", str(known_on), "give it one, for example Z")
    else:
        found = _rows(folder, "imported_at <= $1", "imported_at DESC LIMIT 1", known_on)
    if not found and known_on is not None:
        raise NothingKnown(f"nothing was known on {known_on}", str(folder.parent), "see workbench history")
    if not found:  # killed while it was made
        raise StoreError("this store holds no import yet", str(folder.parent), "make one with workbench import")
    return found[0]


def newest_but(folder: Path, kinds: Collection[str], until: datetime) -> Commit:
    """The newest commit at or before an instant that is of none of some kinds. The first one, `create`, is always there."""
    return [each for each in commits(folder) if each.imported_at <= until and each.kind not in kinds][-1]


def _rows(folder: Path, which: str, order: str, *values: str | datetime) -> list[Commit]:
    if not delta_log.entry(folder, "imports", 0).is_file():
        raise StoreError(
            "there is no store here", str(folder.parent), "make one with workbench demo or workbench import"
        )
    paths = delta_log.paths(folder, "imports", None)
    if not paths:
        return []
    columns = "import_id, imported_at, table_versions, import_kind_code"
    sql = f"SELECT {columns} FROM read_parquet(${len(values) + 1}) WHERE {which} ORDER BY {order}"
    try:
        rows = connection().execute(sql, [*values, paths]).fetchall()
        return [Commit(a, b.astimezone(UTC), json.loads(c), d) for a, b, c, d in rows]
    except (duckdb.Error, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise StoreError(f"table imports cannot be read: {reason}", str(folder), "run workbench verify") from error


def add_commit(
    folder: Path,
    import_id: str,
    kind: str,
    actor: str,
    note: str | None,
    versions: dict[str, int],
    before: dict[str, int],
    counts: dict[str, int],
) -> None:
    """Seal what was written since `before`, then add the row that decides. Instants never go back, whatever the clock does."""
    delta_log.compact(folder, "imports")
    newest = _rows(folder, "true", "imported_at DESC LIMIT 1")
    row = {
        "import_id": import_id,
        "imported_at": max([datetime.now(UTC), *(c.imported_at + timedelta(microseconds=1) for c in newest)]),
        "import_kind_code": kind,
        "actor": actor,
        "note": note,
        "table_versions": json.dumps(versions, sort_keys=True),
        "row_counts": json.dumps(counts, sort_keys=True),
    }
    seals.seal(folder, row, versions, before)
    delta_log.add_synced(folder, "imports", pa.Table.from_pylist([row], schema=TABLES["imports"].arrow))


@contextlib.contextmanager
def lock(folder: Path, what: str, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the store for writing. Others wait their turn, and after a while say who holds it; a dead holder holds nothing."""
    path = folder / ".lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise _not_writable(path, error) from error
    try:
        _wait(handle, path, patience_seconds)
        with contextlib.suppress(OSError):  # only a courtesy to those who wait
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()} ({what}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z)".encode())
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: Path, patience_seconds: float) -> None:
    until = time.monotonic() + patience_seconds
    with contextlib.ExitStack() as stack:
        try:
            turn = stack.enter_context(turns.waiting(path.parent))
        except OSError as error:
            raise _not_writable(path, error) from error
        while not (turn.has_come() and turns.is_taken(handle)):
            if time.monotonic() > until:
                holder = os.read(handle, 200).decode("utf-8", "replace") or "?"
                raise StoreError(f"process {holder} has been writing for too long", str(path), "wait, or end it")
            time.sleep(0.02)


def _not_writable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"the store cannot be written: {error.strerror}", str(path), "see to the folder's rights")


def take_back(folder: Path, commit: Commit) -> dict[str, int]:
    """Undo what a dead writer left beyond the last commit; the versions of the tables as they then stand."""
    versions = dict(commit.versions)
    for name in TABLES:
        if name == "imports":
            continue
        if name not in versions:  # declared since
            delta_log.create(folder, name)
            versions[name] = 0
        if delta_log.entry(folder, name, versions[name] + 1).is_file():
            versions[name] = delta_log.restore(folder, name, versions[name])
    return versions
