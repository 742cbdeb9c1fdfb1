"""Mirrors store/query.py: one SELECT over the tables; nothing written, no other file read."""

from pathlib import Path

import pytest

from tests.store.rows import commit
from workbench import store
from workbench.errors import QueryRefused, StoreError


@pytest.fixture
def asked(office: Path) -> Path:
    commit(office, "D1", "D2")
    commit(office, "D3")
    (office.parent / "secret.csv").write_text("a\n1\n")
    return office


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT count(*) FROM disputes", [3]),
        ("FROM disputes SELECT dispute_id ORDER BY 1;", ["D1", "D2", "D3"]),
        ("WITH d AS (SELECT * FROM disputes) SELECT dispute_id FROM d JOIN imports ON true WHERE import_id = 'imp-00000' ORDER BY 1 LIMIT 1", ["D1"]),
        ("SELECT ';COPY x TO y' AS text -- ; DROP", [";COPY x TO y"]),
        ("SELECT count(*) FROM invoices", [0]),
    ],
)  # fmt: skip
def test_a_select_is_answered(asked: Path, sql: str, told: list[object]) -> None:
    assert store.query(asked, sql)[0].to_pylist() == told


def test_an_answer_that_does_not_come_is_given_up(asked: Path) -> None:
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
    with pytest.raises(QueryRefused, match=r"no answer after 0\.2 seconds"):
        store.query(asked, endless, deadline_s=0.2)
    assert store.query(asked, "SELECT count(*) AS n FROM disputes", deadline_s=30)["n"].to_pylist() == [3]


def test_as_known_on(asked: Path) -> None:
    assert store.query(asked, "SELECT count(*) AS n FROM disputes", "imp-00001")["n"].to_pylist() == [2]


@pytest.mark.parametrize(
    "sql",
    [
        "", ";", "SELECT 1; SELECT 2", "COPY disputes TO '{out}'", "COPY (SELECT 1) TO '{out}'", "EXPORT DATABASE '{out}'",
        "SELECT 1; COPY disputes TO '{out}'", "DELETE FROM disputes", "INSERT INTO disputes SELECT * FROM disputes", "DROP VIEW disputes",
        "CREATE TABLE t AS SELECT 1", "ATTACH '{out}' AS x", "PRAGMA database_list", "SET threads = 1", "RESET threads", "INSTALL httpfs",
        "LOAD httpfs", "CALL enable_logging()", "USE memory", "CHECKPOINT", "EXPLAIN ANALYZE SELECT 1", "PREPARE p AS SELECT 1", "VACUUM",
        "BEGIN", "SELEKT 1",
    ],
)  # fmt: skip
def test_what_is_not_one_select_is_refused(asked: Path, sql: str) -> None:
    out = asked.parent / "out"
    with pytest.raises(QueryRefused):
        store.query(asked, sql.replace("{out}", str(out)))
    assert not out.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{file}')", "SELECT * FROM '{file}'", "SELECT * FROM read_text('{file}')", "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM glob('{folder}/*')", "SELECT * FROM read_parquet('{folder}/office/store/*/*.parquet')", "FROM sniff_csv('{file}')",
        "SELECT * FROM read_text('{folder}/office/store/.lock')", "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_json('/proc/self/environ')", "SELECT * FROM query('SELECT * FROM read_csv(''{file}'')')",
        "SELECT * FROM read_text('{folder}/office/store/disputes/../../../secret.csv')", "SELECT * FROM read_csv('https://example.org/a.csv')",
        "SELECT (SELECT content FROM read_text('{file}'))", "SELECT * FROM duckdb_secrets()", "SELECT * FROM delta_scan('{folder}')",
    ],
)  # fmt: skip
def test_no_other_file_is_read(asked: Path, sql: str) -> None:
    with pytest.raises(QueryRefused, match=r"Permission|disabled|not exist|not in the catalog|extension"):
        store.query(
            asked, sql.replace("{file}", str(asked.parent / "secret.csv")).replace("{folder}", str(asked.parent))
        )


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM office", "SELECT * FROM sql", "SELECT * FROM TABLES", "SELECT nothing FROM disputes"]
)
def test_names_of_the_program_are_no_tables(asked: Path, sql: str) -> None:
    with pytest.raises(QueryRefused, match=r"does not exist|not found"):
        store.query(asked, sql)


def test_a_query_changes_nothing(asked: Path) -> None:
    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in asked.rglob("*") if path.is_file()}

    before = state()
    store.query(asked, "SELECT * FROM disputes")
    with pytest.raises(QueryRefused):
        store.query(asked, "WITH gone AS (DELETE FROM disputes RETURNING *) SELECT * FROM gone")
    assert state() == before


def test_a_store_that_cannot_be_read_is_not_the_asker_s_fault(asked: Path) -> None:
    for path in (asked / "store" / "disputes").glob("*.parquet"):
        path.write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read"):
        store.query(asked, "SELECT 1")
