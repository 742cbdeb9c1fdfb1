"""Seals: what the store wrote, by its hash, so that a byte changed since is found.

Parquet as Delta writes it holds no checksum: a flipped bit may give another amount and no error. Each commit leaves
`seals/<import_id>.json`: its row of `imports`, and the SHA-256 of every file and log entry that it added.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.store import delta_log

_SEALED_COLUMNS = ("import_id", "imported_at", "import_kind_code", "actor", "note", "table_versions", "row_counts")


def sha256(path: Path, sync: bool = False) -> str:
    """The hash of a file's bytes; with `sync` the disk is first asked to hold them."""
    with open(path, "rb") as handle:
        if sync:
            os.fsync(handle.fileno())
        return hashlib.file_digest(handle, "sha256").hexdigest()


def seal(folder: Path, row: Mapping[str, Any], versions: Mapping[str, int], before: Mapping[str, int]) -> None:
    """Sync and hash what changed between two states of the tables, and write the seal of the commit to come."""
    hashes: dict[str, str] = {}
    for name, version in sorted(versions.items()):
        first = before.get(name, -1)
        if version == first:
            continue
        old = set(delta_log.paths(folder, name, first)) if first >= 0 else set()
        new = [Path(path) for path in delta_log.paths(folder, name, version) if path not in old]
        entries = [delta_log.entry(folder, name, number) for number in range(first + 1, version + 1)]
        for path in [*new, *entries]:
            hashes[str(path.relative_to(folder))] = sha256(path, sync=True)
        delta_log.sync(folder / name / "_delta_log")
        delta_log.sync(folder / name)
    text = json.dumps({"row": _told(row), "files": hashes}, indent=1, sort_keys=True)
    delta_log.write_synced(path_of(folder, row["import_id"]), text)


def path_of(folder: Path, import_id: str) -> Path:
    """Where the seal of a commit is."""
    return folder / "seals" / f"{import_id}.json"


def _told(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: None if row[name] is None else str(row[name]) for name in _SEALED_COLUMNS}


def check(folder: Path, rows: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str], list[str]]:
    """Files whose bytes are no longer those sealed (or are gone), commits whose row is not the sealed one, commits without a seal."""
    changed, rows_changed, unsealed = [], [], []
    hashes: dict[str, str] = {}
    for row in rows:
        try:
            sealed = json.loads(path_of(folder, row["import_id"]).read_text(encoding="utf-8"))
            hashes |= sealed["files"]
            if sealed["row"] != _told(row):
                rows_changed.append(row["import_id"])
        except FileNotFoundError:
            unsealed.append(row["import_id"])
        except (ValueError, KeyError, TypeError):
            rows_changed.append(row["import_id"])
    for relative, expected in sorted(hashes.items()):
        path = folder / relative
        if not path.is_file() or sha256(path) != expected:
            changed.append(relative)
    return changed, rows_changed, unsealed
