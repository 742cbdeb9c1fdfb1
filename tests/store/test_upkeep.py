"""Mirrors store/upkeep.py and delta_log.py: few files, no orphan, and every past state still there."""

from pathlib import Path

import pytest
from deltalake import write_deltalake

from tests.store.rows import commit, disputes, ids
from workbench import store
from workbench.errors import StoreError
from workbench.store import delta_log, upkeep


@pytest.fixture
def used(office: Path) -> Path:
    """Three imports, of which the last replaces all, and the half of a dead writer."""
    commit(office, "D1")
    commit(office, "D2")
    with store.writer(office) as writer:
        writer.replace("disputes", disputes("D1", "D2", invoice="F2"))
    write_deltalake(office / "store" / "disputes", disputes("HALF"), mode="append")
    return office


def states(folder: Path) -> list[list[tuple[str, str]]]:
    return [ids(store.open_office(folder, each)) for each in store.history(folder)["import_id"].to_pylist()]


def test_compacting_keeps_every_row_and_every_past_state(office: Path) -> None:
    for n in range(4):
        commit(office, f"D{n}")
    before = states(office)
    assert store.compact(office, actor="test") == {"disputes": 3}
    assert states(office) == [*before, before[-1]]
    assert store.history(office)["import_kind_code"].to_pylist()[-1] == "compact"
    assert store.compact(office) == {}  # nothing to do, no row
    assert len(store.history(office)) == 6
    assert store.verify(office) == []


def test_vacuum_takes_what_no_import_names_and_nothing_else(used: Path) -> None:
    before, orphans = states(used), [p for p in store.verify(used) if p.code == "files_orphaned"]
    assert [p.values["count"] for p in orphans] == [1]
    freed = store.vacuum(used)
    assert set(freed) == {"disputes"}
    assert freed["disputes"] > 0
    assert states(used) == before
    assert store.verify(used) == []
    assert store.vacuum(used) == {}
    commit(used, "D3")  # and the store goes on, though the table's newest version has lost its file
    assert ids(store.open_office(used)) == [("D1", "F2"), ("D2", "F2"), ("D3", "F1")]


def test_vacuum_takes_data_of_a_row_that_was_never_added(used: Path) -> None:
    (used / "store" / "imports" / "part-dead.parquet").write_bytes(b"PAR1")
    assert store.vacuum(used).keys() == {"disputes", "imports"}
    assert len(store.history(used)) == 4


def test_vacuum_deletes_nothing_where_the_log_is_damaged(used: Path) -> None:
    def names() -> set[str]:
        return {path.name for path in (used / "store").rglob("*.parquet")}

    before = names()
    log = delta_log.entry(used / "store", "disputes", 1)
    whole = log.read_text(encoding="utf-8")
    for damaged in (whole.replace("part-", "qart-"), whole[:50], whole.replace('"path"', '"qath"')):
        log.write_text(damaged, encoding="utf-8")
        with pytest.raises(StoreError, match="run workbench verify"):
            store.vacuum(used)
        assert names() == before
    log.unlink()
    with pytest.raises(StoreError):
        store.vacuum(used)
    assert names() == before


def test_the_log_entries_say_what_the_replayed_log_says(used: Path) -> None:
    folder = used / "store"
    for version in range(delta_log.delta(folder, "disputes").version() + 1):
        replayed = set(delta_log.files(delta_log.delta(folder, "disputes", version)))
        assert upkeep.files_at(folder, "disputes", version) == replayed
