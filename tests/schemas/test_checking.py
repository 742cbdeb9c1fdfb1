"""Mirrors schemas/checking.py, tables.py, columns.py, facts.py."""

from datetime import date

import pyarrow as pa
import pytest

from workbench.errors import SchemaError
from workbench.schemas.checking import SHOWN_PER_COLUMN, Problem, check_table, problem_texts, problems_table
from workbench.schemas.columns import COLUMNS
from workbench.schemas.facts import status_of
from workbench.schemas.tables import READINGS, TABLES, table

DISPUTES = table("disputes")


def disputes(*rows: tuple[str | None, str, date | None]) -> pa.Table:
    data = [{"dispute_id": a, "invoice_id": b, "opened_date": c, "closed_date": None} for a, b, c in rows]
    return pa.Table.from_pylist(data, schema=DISPUTES.arrow)


def test_a_good_table_has_no_problem() -> None:
    assert check_table(disputes(("D1", "F1", date(2024, 1, 1))), DISPUTES) == []


def test_every_problem_of_a_table_comes_at_once_with_its_line() -> None:
    data = disputes(("D1", "F1", None), (None, "F1", date(2024, 1, 1)), ("D1", "F2", date(2024, 1, 1)))
    problems = check_table(data, DISPUTES, "litiges.csv", pa.array([2, 3, 4]))
    assert [(p.code, p.where) for p in problems] == [
        ("value_missing", "litiges.csv:3"),
        ("value_missing", "litiges.csv:2"),
        ("key_repeated", "litiges.csv:4"),
    ]


def test_columns_missing_unknown_or_of_another_type() -> None:
    data = pa.table(
        {
            "dispute_id": pa.array(["D1"]),
            "invoice_id": pa.array([1]),
            "x": pa.array([1]),
            "opened_date": pa.array([None], pa.date32()),
        }
    )
    assert {p.code for p in check_table(data, DISPUTES)} == {"column_missing", "column_type", "column_unknown"}


def test_an_unknown_code_is_named_with_the_known_ones() -> None:
    row = dict.fromkeys(TABLES["write_offs"].columns)
    payments = TABLES["payments"]
    row = {
        "payment_id": "P1",
        "receipt_date": date(2024, 1, 1),
        "channel_code": "barter",
        "amount_centimes": 1,
        "currency_code": "MAD",
    }
    (problem,) = check_table(pa.Table.from_pylist([row], schema=payments.arrow), payments)
    assert "« barter »" in problem.message("fr")
    assert "compensation" in problem.message("en")


def test_a_thousand_faults_of_one_kind_are_counted_not_listed() -> None:
    problems = check_table(disputes(*[(None, "F1", date(2024, 1, 1))] * 1000), DISPUTES)
    assert sum(p.code == "value_missing" for p in problems) == SHOWN_PER_COLUMN
    assert any(p.values.get("count") == 900 for p in problems)


@pytest.mark.parametrize("code", sorted(problem_texts()))
def test_every_problem_is_told_in_two_languages_with_the_same_values(code: str) -> None:
    import string

    texts = problem_texts()[code]
    assert set(texts) == {"message_fr", "message_en", "remedy_fr", "remedy_en"}
    fields = {part: {name for _, name, _, _ in string.Formatter().parse(texts[part]) if name} for part in texts}
    assert fields["message_fr"] == fields["message_en"]


def test_a_problem_without_its_value_or_sentence_is_a_fault_of_ours() -> None:
    with pytest.raises(SchemaError, match="needs the value"):
        Problem("column_missing").message()
    with pytest.raises(SchemaError, match="has no message_fr"):
        Problem("nobody_wrote_this").message()


def test_problems_make_a_table() -> None:
    made = problems_table([Problem("file_unreadable", "refused", {"reason": "vide"}, "a.txt", 3)], "imp-1")
    assert made.schema == TABLES["problems"].arrow
    assert made["message_fr"].to_pylist() == ["Le fichier ne peut pas être lu : vide."]


@pytest.mark.parametrize("name", [*TABLES, *READINGS])
def test_every_table_is_made_of_declared_columns_and_has_a_key(name: str) -> None:
    declared = table(name)
    assert set(declared.columns) <= set(COLUMNS)
    assert declared.key
    assert set(declared.key) <= set(declared.columns)
    assert all(COLUMNS[c].label_fr and COLUMNS[c].label_en and COLUMNS[c].meaning for c in declared.columns)
    if any(c.endswith("_centimes") for c in declared.columns) and name not in ("read_lines",):
        assert "currency_code" in declared.columns or name == "bank_accounts"


def test_an_unknown_table_names_the_known_ones() -> None:
    with pytest.raises(SchemaError, match="bank_accounts"):
        table("acounts")


def test_traffic_lights() -> None:
    assert [status_of(v, 0.9, 0.8) for v in (0.95, 0.85, 0.5, None)] == ["ok", "watch", "alert", "unmeasured"]
    assert [status_of(v, 180, 365) for v in (100, 200, 400)] == ["ok", "watch", "alert"]
