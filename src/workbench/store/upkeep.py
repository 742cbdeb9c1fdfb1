"""Files of the store kept few, and those that no import needs taken away; no past state is ever lost to either."""

from pathlib import Path

from workbench.errors import StoreError
from workbench.schemas.tables import TABLES
from workbench.store import catalogue, delta_log
from workbench.store.catalogue import commit_at, commits, store_folder
from workbench.store.delta_log import delta, lifetimes
from workbench.store.tables import refusals_told


def compact(folder: Path, actor: str = "workbench") -> dict[str, int]:
    """Join the small files of every table; the answer is the number of files saved a table. Older versions stay readable."""
    store, saved = store_folder(folder), {}
    with catalogue.lock(store, f"compact by {actor}"), refusals_told(store):
        last = commit_at(store)
        versions = catalogue.take_back(store, last)
        for name in versions:
            if fewer := delta_log.compact(store, name, more_than=1):
                versions[name], saved[name] = delta(store, name).version(), fewer
        if saved:
            catalogue.add_commit(store, catalogue.next_id(last), "compact", actor, None, versions, last.versions, {})
    return saved


def vacuum(folder: Path) -> dict[str, int]:
    """Delete the files that no import names; the answer is the number of bytes freed a table. Every past state stays readable."""
    store, freed = store_folder(folder), {}
    with catalogue.lock(store, "vacuum"), refusals_told(store):
        for name, spare in unneeded(store).items():
            freed[name] = sum(path.stat().st_size for path in spare)
            for path in spare:
                path.unlink(missing_ok=True)
    return freed


def unneeded(store: Path) -> dict[str, list[Path]]:
    """Table → Parquet files that belong to no version named by a row of `imports`. Of `imports` itself: files never in its log.

    Raises `StoreError` where a file that is needed is not there: a log that lies must not decide what is deleted.
    """
    named: dict[str, set[int]] = {name: set() for name in TABLES}
    for commit in commits(store):
        for name, version in commit.versions.items():
            named.setdefault(name, set()).add(version)
    found = {}
    for name, versions in named.items():
        spans = lifetimes(store, name, max(versions, default=0))
        needed = {
            path
            for path, lives in spans.items()
            if name == "imports" or any(a <= version < b for a, b in lives for version in versions)
        }
        there = {path.name: path for path in (store / name).glob("*.parquet")}
        if lost := sorted(needed - there.keys()):
            raise StoreError(f"table {name} has lost {lost[0]}", str(store), "run workbench verify")
        if spare := [there[file_name] for file_name in sorted(there.keys() - needed)]:
            found[name] = spare
    return found


def files_at(store: Path, name: str, version: int) -> set[str]:
    """Files of a table at a version, by its log entries alone (no checkpoint)."""
    return {path for path, lives in lifetimes(store, name, version).items() if any(a <= version < b for a, b in lives)}
