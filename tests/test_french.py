"""Mirrors french.py: every error has its French, whole, and no sentence of a person or a library is touched."""

import ast
import csv
import tomllib
from pathlib import Path

import pytest

from workbench.errors import PackError, RunError, WorkbenchError, WrongUse
from workbench.french import french_sentences, in_french
from workbench.schemas.checking import Problem
from workbench.schemas.columns import COLUMNS

SOURCE = Path(__file__).parent.parent / "src" / "workbench"
SAID_ELSEWHERE = {"{}", ""}  # a text that is all value: a library's, or said already


def kinds(kind: type[WorkbenchError] = WorkbenchError) -> set[str]:
    """Names of the errors of the house; those of one reader alone carry a code, which has its sentence elsewhere."""
    below = [one for one in kind.__subclasses__() if one.__module__ == kind.__module__]
    return {kind.__name__}.union(*(kinds(one) for one in below))


def shape_of(node: ast.expr | None) -> str | None:
    """The sentence of an argument, `{}` for each value; None where it is no sentence."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (shape_of(node.left) or "{}") + (shape_of(node.right) or "{}")
    return None


def raised_sentences() -> set[str]:
    """Every sentence and remedy of an error that the source makes."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds():
                remedies = [keyword.value for keyword in node.keywords if keyword.arg == "remedy"]
                found |= {shape_of(part) for part in [*node.args[:1], *node.args[2:3], *remedies]}
    return {text for text in found if text is not None} - SAID_ELSEWHERE


def test_every_error_has_its_french() -> None:
    assert sorted(raised_sentences() - french_sentences().keys()) == []


def test_no_french_is_left_over() -> None:
    properties = {
        "covered: {} to {}; add the closed days that follow to the table"
    }  # made in a property, for two errors
    assert sorted(french_sentences().keys() - raised_sentences() - properties) == []


@pytest.mark.parametrize("english", sorted(french_sentences()))
def test_a_sentence_lends_all_its_values(english: str) -> None:
    values = [f"valeur{number}" for number in range(english.count("{}"))]
    said = in_french(english.format(*values)) if values else in_french(english)
    expected = french_sentences()[english]
    assert said == (expected.format(*values) if values else expected)
    assert all(value in said for value in values)


@pytest.mark.parametrize("text", ["No space left on device", "Binder Error: column x", "", "la banque l'a confirmé"])
def test_what_is_no_sentence_of_the_house_stays(text: str) -> None:
    assert in_french(text) == text


def test_an_error_speaks_both_languages() -> None:
    error = WrongUse("there is no report 'a'", "-p", "see `workbench list`")
    assert error.said("fr") == "-p : il n’existe pas de rapport 'a' — voyez `workbench list`"
    assert error.said("en") == str(error) == "-p: there is no report 'a' — see `workbench list`"
    assert RunError("the file is empty").said("fr") == "le fichier est vide"


def test_a_pack_tells_every_reason_in_the_language() -> None:
    error = PackError(
        "monthly", {"a/b": RunError("the page is not published"), "c/d": WrongUse("keep one")}, "0 of 2 made"
    )
    assert error.said("fr") == "pack monthly : a/b : la page n’est pas publiée ; c/d : gardez-en une — 0 sur 2 faits"
    assert error.said("en") == "pack monthly: a/b: the page is not published; c/d: keep one — 0 of 2 made"


def test_the_reason_in_a_problem_is_french_and_that_of_a_person_is_left_alone() -> None:
    read = Problem("file_unreadable", "refused", {"reason": "the file is empty"})
    assert "le fichier est vide" in read.message("fr")
    assert "the file is empty" in read.message("en")
    accepted = {"number": "1", "account": "2", "difference": "0,01", "motive": "the file is empty", "day": "01/01/2024"}
    assert "the file is empty" in Problem("statement_accepted_unbalanced", "warning", accepted).message("fr")


def french_of(table: object, name: str = "") -> list[str]:
    """Texts of a table of TOML that are French by their name (`fr`, `…_fr`)."""
    if isinstance(table, dict):
        return [text for key, value in table.items() for text in french_of(value, key)]
    if isinstance(table, list):
        return [text for value in table for text in french_of(value, name)]
    return [table] if isinstance(table, str) and (name == "fr" or name.endswith("_fr")) else []


def every_french_text() -> list[str]:
    """Sentences of pages, problems and errors, heads of columns, labels of the reference files."""
    tables = [
        path for folder in (SOURCE, SOURCE.parent.parent / "data" / "reference") for path in folder.rglob("*.toml")
    ]
    texts = [text for path in tables for text in french_of(tomllib.loads(path.read_text(encoding="utf-8")))]
    for path in (SOURCE.parent.parent / "data" / "reference").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["label_fr"] for row in csv.DictReader(file) if row.get("label_fr")]
    return [*texts, *french_sentences().values(), *(column.label_fr for column in COLUMNS.values())]


def test_french_is_written_with_its_own_apostrophe() -> None:
    texts = every_french_text()
    assert len(texts) > 1500  # the catalogue was found
    assert [text for text in texts if "'" in text] == []
