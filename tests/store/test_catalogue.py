"""Mirrors store/catalogue.py: one row decides; instants never go back; a lock says who holds it."""

import fcntl
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import write_deltalake

from tests.store.rows import commit, disputes, ids, write_offs
from workbench import store
from workbench.errors import NothingKnown, StoreError, WrongUse
from workbench.store import catalogue, delta_log
from workbench.store.tables import FORECAST


def test_there_is_no_store_here(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        store.open_office(tmp_path)


def test_as_known_on_an_import_or_an_instant(office: Path) -> None:
    for n in (1, 2):
        with store.writer(office, actor="test") as writer:
            writer.replace("disputes", disputes("D1", invoice=f"F{n}"))
    now, created, first, second = store.open_office(office), *store.history(office)["imported_at"].to_pylist()
    assert created < first < second
    for known_on, told in [
        ("imp-00000", []), ("imp-00001", [("D1", "F1")]), ("imp-00002", [("D1", "F2")]), (created, []), (first, [("D1", "F1")]),
        (second - timedelta(microseconds=1), [("D1", "F1")]), (second, [("D1", "F2")]), (datetime(2999, 1, 1, tzinfo=UTC), [("D1", "F2")]),
    ]:  # fmt: skip
        assert ids(store.open_office(office, known_on)) == told
        assert ids(now.known_on(known_on)) == told
    assert len(now.known_on("imp-00001")["imports"]) == 2


@pytest.mark.parametrize("known_on", ["imp-99999", "' OR 1=1 --", datetime(1999, 1, 1, tzinfo=UTC)])
def test_nothing_was_known(office: Path, known_on: str | datetime) -> None:
    with pytest.raises(NothingKnown, match="nothing was known"):
        store.open_office(office, known_on)


def test_an_instant_without_its_time_zone_is_wrong_use(office: Path) -> None:
    with pytest.raises(WrongUse, match="time zone"):
        store.open_office(office, datetime(2024, 1, 1))  # noqa: DTZ001


def test_instants_never_go_back_whatever_the_clock_does(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Slow":
            return cls(2001, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(catalogue, "datetime", Slow)
    for each in ("D1", "D2"):
        commit(office, each)
    instants = store.history(office)["imported_at"].to_pylist()
    assert instants == sorted(set(instants))
    assert store.open_office(office).import_id == "imp-00002"


def test_what_a_dead_writer_left_is_taken_back(office: Path) -> None:
    commit(office, "D1")
    write_deltalake(office / "store" / "disputes", disputes("HALF"), mode="append")
    write_deltalake(office / "store" / "write_offs", write_offs("HALF"), mode="overwrite")
    assert ids(store.open_office(office)) == [("D1", "F1")]
    commit(office, "D2")
    now = store.open_office(office)
    assert ids(now) == [("D1", "F1"), ("D2", "F1")]
    assert len(now["write_offs"]) == 0
    assert sorted((p.code, p.table_name) for p in store.verify(office)) == [
        ("files_orphaned", "disputes"),
        ("files_orphaned", "write_offs"),
    ]


def test_making_an_office_that_was_half_made_makes_it_whole(office: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    (half / "store").mkdir(parents=True)
    delta_log.create(half / "store", "units")
    delta_log.create(half / "store", "imports")  # killed before its first row
    with pytest.raises(StoreError, match="holds no import yet"):
        store.open_office(half)
    commit(half, "D1")
    assert ids(store.open_office(half)) == [("D1", "F1")]


@pytest.fixture
def held(office: Path) -> Iterator[Path]:
    with open(office / "store" / ".lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.write("4711 (import by someone)")
        handle.flush()
        yield office


def test_a_writer_that_waits_too_long_names_the_holder(held: Path) -> None:
    with (
        pytest.raises(StoreError, match=r"process 4711 \(import by someone\)"),
        store.writer(held, patience_seconds=0.1),
    ):
        pass
    assert ids(store.open_office(held)) == []  # readers never wait


def test_the_lock_names_its_holder(office: Path) -> None:
    with store.writer(office, actor="amina") as writer:
        assert f"{os.getpid()} (import by amina, since " in (office / "store" / ".lock").read_text()
        writer.abandon()


def test_imports_in_pieces_are_joined_and_none_is_lost(office: Path) -> None:
    for n in range(delta_log.MANY_FILES + 3):
        commit(office, f"D{n}")
    assert store.history(office)["import_id"].to_pylist() == [f"imp-{n:05d}" for n in range(delta_log.MANY_FILES + 4)]
    now = store.open_office(office)
    assert len(now.paths("imports")) <= delta_log.MANY_FILES
    assert len(now.paths("disputes")) <= delta_log.MANY_FILES
    for known in (1, 7, delta_log.MANY_FILES + 1):
        assert len(ids(now.known_on(f"imp-{known:05d}"))) == known
    assert store.verify(office) == []


def test_a_log_of_plans_brings_no_data_and_what_reads_none_rests_on_the_commit_before(office: Path) -> None:
    with store.writer(office, actor="test") as writer:
        writer.replace("disputes", disputes("D1"))
    data = store.open_office(office)
    with store.writer(office, kind=FORECAST, actor="test") as writer:
        writer.replace("disputes", disputes("D2"))  # any table will do
    logged = store.open_office(office)
    assert (data.import_id, logged.import_id) == ("imp-00001", "imp-00002")
    assert logged.data_import_id == data.data_import_id == "imp-00001"
    assert (logged.before_forecasts().import_id, ids(logged.before_forecasts())) == ("imp-00001", ids(data))
    with store.writer(office, actor="test") as writer:
        writer.replace("disputes", disputes("D3"))
    newest = store.open_office(office)
    assert newest.data_import_id == newest.before_forecasts().import_id == "imp-00003"
    assert store.open_office(office, "imp-00002").data_import_id == "imp-00001"
    assert store.verify(office) == []
