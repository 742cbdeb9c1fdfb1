"""One Delta table: opened at a version, changed with one synced commit, its files told, and kept few.

The log of a table is never cleaned: its JSON entries say from which version to which each file belongs to the table.
"""

import json
import math
import os
import tempfile
import time
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake
from deltalake.transaction import AddAction

from workbench.errors import StoreError
from workbench.schemas.tables import table

MANY_FILES = 12  # small ones of one table: more would make every opening slower (measured by benchmarks.store)
FILE_BYTES = 64 << 20  # a file of this size is joined with no other
_CONFIGURATION = {"delta.enableExpiredLogCleanup": "false", "delta.logRetentionDuration": "interval 100000 days"}
# One thread reads one row group: in groups of a million rows a table of that size would be read by one processor alone.
_ROW_GROUPS = WriterProperties(max_row_group_size=122_880)
# Checkpoints are made here and not behind a commit: one that failed (disk full) would report a commit that stands as failed.
_NO_HOOK = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


def entry(folder: Path, name: str, version: int) -> Path:
    """The log entry that makes a version of a table."""
    return folder / name / "_delta_log" / f"{version:020d}.json"


def create(folder: Path, name: str) -> None:
    """Make an empty table, typed as declared, where there is none."""
    if not entry(folder, name, 0).is_file():
        DeltaTable.create(folder / name, schema=table(name).arrow, configuration=_CONFIGURATION)


def delta(folder: Path, name: str, version: int | None = None) -> DeltaTable:
    """A Delta table of the store, at a version; a table that newer software wrote is refused rather than half read."""
    try:
        found = DeltaTable(folder / name, version=version)
        protocol = found.protocol()
    except Exception as error:  # deltalake raises its own and OSError alike
        raise StoreError(f"table {name} cannot be opened: {error}", str(folder), "run workbench verify") from error
    if protocol.min_reader_version != 1 or protocol.reader_features:
        features = ", ".join(sorted(protocol.reader_features or [])) or f"reader version {protocol.min_reader_version}"
        raise StoreError(f"table {name} needs features that this reader lacks: {features}", str(folder))
    return found


def files(found: DeltaTable) -> list[str]:
    """Names of the Parquet files, all in the table's own folder (no table is partitioned)."""
    return [unquote(uri.rsplit("/", 1)[-1]) for uri in found.file_uris()]


def paths(folder: Path, name: str, version: int | None) -> list[str]:
    """Paths of the Parquet files of a table at a version; of the newest without one."""
    return [str(folder / name / each) for each in files(delta(folder, name, version))]


def write(folder: Path, name: str, rows: Any, overwrite: bool = False) -> None:
    """Append or overwrite with one commit. Columns declared since the table was made are added to it."""
    there = {field.name for field in delta(folder, name).schema().fields}
    late: Literal["merge"] | None = "merge" if set(table(name).columns) - there else None
    mode: Literal["overwrite", "append"] = "overwrite" if overwrite else "append"
    write_deltalake(
        folder / name,
        rows,
        mode=mode,
        schema_mode=late,
        writer_properties=_ROW_GROUPS,
        post_commithook_properties=_NO_HOOK,
    )


def add_synced(folder: Path, name: str, rows: pa.Table) -> None:
    """Append a few rows so that even a power cut finds either no row or all: the data is on the disk before the log names it."""
    path = folder / name / f"part-{uuid.uuid4()}.parquet"
    pq.write_table(rows, path)
    sync(path)
    stats = json.dumps({"numRecords": len(rows)})
    action = AddAction(path.name, path.stat().st_size, {}, int(time.time() * 1000), True, stats)
    delta(folder, name).create_write_transaction([action], "append", rows.schema, post_commithook_properties=_NO_HOOK)
    log = folder / name / "_delta_log"
    sync(max(log.glob("*.json"), key=lambda made: made.name))
    sync(log)
    sync(folder / name)


def restore(folder: Path, name: str, version: int) -> int:
    """Bring a table back to what it was at a version, as a new version; its number."""
    found = delta(folder, name)
    found.restore(version)
    return int(found.version())


def compact(folder: Path, name: str, more_than: int = MANY_FILES) -> int:
    """Join the small files of a table that has many, and shorten what a reader replays; the number of files saved."""
    found = delta(folder, name)
    before = files(found)
    if sum((folder / name / each).stat().st_size < FILE_BYTES for each in before) <= more_than:
        return 0
    found.optimize.compact(target_size=FILE_BYTES, writer_properties=_ROW_GROUPS, post_commithook_properties=_NO_HOOK)
    found.create_checkpoint()
    return len(before) - len(files(found))


def sync(path: Path) -> None:
    """Ask the disk to hold a file or a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with open(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync(path.parent)


def lifetimes(folder: Path, name: str, up_to: int) -> dict[str, list[tuple[int, float]]]:
    """File → the spans of versions, first included and last excluded, in which it belongs to the table.

    Read from the log entries alone, no checkpoint. Raises `StoreError` where an entry up to a version is absent or damaged.
    """
    spans: dict[str, list[tuple[int, float]]] = defaultdict(list)
    version = 0
    while (path := entry(folder, name, version)).is_file():
        try:
            actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            removed = [unquote(action["remove"]["path"]) for action in actions if "remove" in action]
            added = [unquote(action["add"]["path"]) for action in actions if "add" in action]
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"a log entry is damaged: {error}", str(path), "run workbench verify") from error
        for gone in removed:
            if spans[gone] and spans[gone][-1][1] == math.inf:
                spans[gone][-1] = (spans[gone][-1][0], version)
        for come in added:
            if not spans[come] or spans[come][-1][1] < math.inf:
                spans[come].append((version, math.inf))
        version += 1
    if version <= up_to:
        raise StoreError(f"log entry {version} of table {name} is not there", str(folder), "run workbench verify")
    return dict(spans)
