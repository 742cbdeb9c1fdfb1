"""Mirrors cash/lines/label_answers.py: the file to fill, and rules of what a person accepted, whatever a label holds."""

import csv
import multiprocessing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cash.flow_books import accounts_of, bank_lines
from tests.cash.test_flow_rules import RULE, written
from workbench.cash import (
    accept_labels,
    classify,
    known_labels,
    load_lines,
    load_rules,
    suggest,
    unclassified,
    write_labels,
)
from workbench.cash.lines.flow_rules import RULE_COLUMNS
from workbench.cash.lines.label_answers import guarded, unguarded
from workbench.errors import ReadingError, SchemaError, WrongUse

LINES = load_lines()
TODAY = date(2024, 2, 1)
HOSTILE = (
    '=HYPERLINK("http://x";"a")',
    "@SUM(1)",
    "+33 6",
    "-1",
    "'quoted'",
    "VIR (a|b)*.+ [x] ^$ \\d",
    'two "words"; and\nmore',
    "é,;\t",
    "05",
)


def new_labels(*labels: str | None, **line: Any) -> Any:
    found = classify(bank_lines(*({"label": label, **line} for label in labels)), [], accounts_of())
    return suggest(unclassified(found), known_labels(found))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return written(tmp_path / "rules.csv", RULE_COLUMNS, RULE)


def filled(path: Path, line: str = "taxes", who: str = "Une personne", **change: str) -> Path:
    """The file as a person leaves it: every row filled in."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file, delimiter=";"))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "line_code": line, "accepted_by": who, **change} for row in found)
    return path


def test_an_accepted_label_is_a_rule_for_it_alone_from_its_first_day(tmp_path: Path, rules: Path) -> None:
    write_labels(new_labels("TAXE 12", operation_code="06", amount_centimes=-5), tmp_path / "new.csv")
    done = accept_labels(filled(tmp_path / "new.csv", note="vu à la main"), rules, LINES, TODAY)
    (rule,) = done.rules
    assert (rule.rule_id, rule.line_code, rule.valid_from, rule.priority) == (
        "accepted-0001",
        "taxes",
        date(2024, 1, 12),
        90,
    )
    assert rule.source == "Accepté par Une personne le 2024-02-01 : vu à la main"
    lines = bank_lines(
        {"label": "taxe 99", "operation_code": "06", "amount_centimes": -7},
        {"label": "TAXE 99 BIS", "operation_code": "06", "amount_centimes": -7},
        {"label": "TAXE 99", "operation_code": "07", "amount_centimes": -7},
        {"label": "TAXE 99", "operation_code": "06", "amount_centimes": 7},
        {"label": "TAXE 99", "operation_code": "06", "amount_centimes": -7, "day_date": date(2024, 1, 11)},
    )
    found = classify(lines, load_rules(rules), accounts_of())
    assert found["line_code"].tolist() == ["taxes", *["unclassified"] * 4]


def test_nothing_is_accepted_that_nobody_filled_in(tmp_path: Path, rules: Path) -> None:
    before = rules.read_bytes()
    write_labels(new_labels("A", "B"), tmp_path / "new.csv")
    done = accept_labels(tmp_path / "new.csv", rules, LINES, TODAY)
    assert (done.rules, done.empty_count, done.problems) == ((), 2, ())
    assert rules.read_bytes() == before


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_stays_text_in_the_file_and_in_the_rule(tmp_path: Path, rules: Path, label: str) -> None:
    write_labels(new_labels(label), tmp_path / "new.csv")
    with (tmp_path / "new.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert row["label_shape"][0] not in "=+-@\t\r0123456789"
    assert row["example"][0] not in "=+-@\t\r0123456789"
    assert "\n" not in row["example"]
    (rule,) = accept_labels(filled(tmp_path / "new.csv"), rules, LINES, TODAY).rules
    found = classify(bank_lines({"label": label}, {"label": label + "x"}, {"label": "aaa"}), [rule], accounts_of())
    assert found["line_code"].tolist() == ["taxes", "unclassified", "unclassified"]


@settings(max_examples=60)
@given(st.text(max_size=10))
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_the_leading_zero_of_a_code_survives_a_spreadsheet(tmp_path: Path, rules: Path) -> None:
    write_labels(new_labels("A", operation_code="05"), tmp_path / "new.csv")
    assert "'05" in (tmp_path / "new.csv").read_text(encoding="utf-8-sig")
    (rule,) = accept_labels(filled(tmp_path / "new.csv"), rules, LINES, TODAY).rules
    assert rule.asked["operation_code"] == "05"


def test_a_file_saved_by_a_spreadsheet_of_windows_is_read(tmp_path: Path, rules: Path) -> None:
    write_labels(new_labels("A"), tmp_path / "new.csv")
    text = filled(tmp_path / "new.csv", who="Zoé", valid_from_date="23/03/2024").read_text(encoding="utf-8-sig")
    with (tmp_path / "new.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file).writerows(csv.reader(text.splitlines(), delimiter=";"))
    (rule,) = accept_labels(tmp_path / "new.csv", rules, LINES, TODAY).rules
    assert (rule.valid_from, "Zoé" in rule.source) == (date(2024, 3, 23), True)


def test_the_same_file_twice_adds_nothing_and_another_line_is_refused(tmp_path: Path, rules: Path) -> None:
    write_labels(new_labels("A", "B"), tmp_path / "new.csv")
    assert len(accept_labels(filled(tmp_path / "new.csv"), rules, LINES, TODAY).rules) == 2
    before = rules.read_bytes()
    again = accept_labels(tmp_path / "new.csv", rules, LINES, TODAY)
    assert (again.rules, again.known_count) == ((), 2)
    other = accept_labels(filled(tmp_path / "new.csv", "energy"), rules, LINES, TODAY)
    assert [(p.code, p.line_number) for p in other.problems] == [("label_contradicted", 2), ("label_contradicted", 3)]
    assert rules.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"line_code": ""}, "label_half_filled"),
        ({"accepted_by": ""}, "label_half_filled"),
        ({"line_code": "dividends"}, "label_line_unknown"),
        ({"valid_from_date": "2014-12-31"}, "label_line_unknown"),  # the plan has no lines yet
        ({"valid_from_date": "soon"}, "label_date_wrong"),
        ({"valid_from_date": ""}, "label_date_wrong"),
        ({"label_shape": "a changed one"}, "label_changed"),
        ({"direction": "both"}, "label_changed"),
    ],
)
def test_a_row_that_does_not_hold_is_refused_and_the_others_are_taken(
    tmp_path: Path, rules: Path, change: dict[str, str], code: str
) -> None:
    write_labels(new_labels("A", "B"), tmp_path / "new.csv")
    path = filled(tmp_path / "new.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        good, bad = csv.DictReader(file, delimiter=";")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(good), delimiter=";")
        writer.writeheader()
        writer.writerows([good, {**bad, **change}])
    done = accept_labels(path, rules, LINES, TODAY)
    assert [(p.code, p.line_number) for p in done.problems] == [(code, 3)]
    assert len(done.rules) == 1
    assert all(problem.message(lang) and problem.remedy(lang) for problem in done.problems for lang in ("fr", "en"))


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"\xff\xfe\x00\x81", b'label_shape;"x\n'])
def test_a_file_that_is_none_of_labels_is_refused(tmp_path: Path, rules: Path, content: bytes) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes(content)
    with pytest.raises(ReadingError):
        accept_labels(path, rules, LINES, TODAY)


def test_a_file_that_may_hold_work_is_never_written_over(tmp_path: Path) -> None:
    write_labels(new_labels("A"), tmp_path / "new.csv")
    with pytest.raises(WrongUse, match="there already"):
        write_labels(new_labels("B"), tmp_path / "new.csv")


def test_rules_that_do_not_hold_are_left_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path / "rules.csv", RULE_COLUMNS, {**RULE, "label_pattern": "("})
    write_labels(new_labels("A"), tmp_path / "new.csv")
    before = path.read_bytes()
    with pytest.raises(SchemaError):
        accept_labels(filled(tmp_path / "new.csv"), path, LINES, TODAY)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["new.csv", "rules.csv"]


def test_a_last_line_without_its_end_is_kept_whole(tmp_path: Path, rules: Path) -> None:
    rules.write_text(rules.read_text(encoding="utf-8").rstrip("\r\n"), encoding="utf-8")
    write_labels(new_labels("A"), tmp_path / "new.csv")
    accept_labels(filled(tmp_path / "new.csv"), rules, LINES, TODAY)
    assert [rule.rule_id for rule in load_rules(rules)] == ["r1", "accepted-0001"]


def _accept(path: Path, rules: Path) -> None:
    accept_labels(path, rules, LINES, TODAY)


def test_two_who_accept_at_once_lose_nothing(tmp_path: Path, rules: Path) -> None:
    paths = []
    for number in range(3):
        paths.append(tmp_path / f"new{number}.csv")
        write_labels(new_labels(*(f"LABEL {'ABCD'[number]}{'EFGH'[each]}" for each in range(4))), paths[-1])
        filled(paths[-1])
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_accept, args=(path, rules)) for path in paths]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 3
    accepted = [rule.rule_id for rule in load_rules(rules) if rule.rule_id != "r1"]
    assert accepted == [f"accepted-{number:04d}" for number in range(1, 13)]
