from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.notebooks import write_notebook
from workbench.errors import WrongUse
from workbench.reporting.parameters import Parameter, read_parameters, validated


@pytest.fixture
def declared(tmp_path: Path) -> dict[str, Parameter]:
    return read_parameters(write_notebook(tmp_path / "n.ipynb"))


def test_the_cell_is_read_with_meanings_and_limits(declared: dict[str, Parameter]) -> None:
    assert list(declared) == ["as_of", "directorate", "horizon_days", "share", "detailed", "lang"]
    horizon = declared["horizon_days"]
    assert (horizon.default, horizon.meaning, horizon.low, horizon.high) == (5, "jours", 1, 30)
    assert declared["lang"].choices == ("fr", "en")
    assert declared["as_of"].is_date
    assert declared["as_of"].meaning == "date d'arrêté"


def test_leading_zeros_survive(declared: dict[str, Parameter]) -> None:
    assert validated(declared, {"directorate": "007"})["directorate"] == "007"


def test_text_is_read_in_the_declared_type(declared: dict[str, Parameter]) -> None:
    values = validated(declared, {"horizon_days": "7", "share": "0.25", "detailed": "true"})
    assert (values["horizon_days"], values["share"], values["detailed"]) == (7, 0.25, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"as_off": "2024-12-31"},
        {"as_of": "31/12/2024"},
        {"as_of": "2024-02-30"},
        {"as_of": "20241231"},
        {"as_of": "1066-10-14"},
        {"as_of": 20241231},
        {"as_of": ""},
        {"horizon_days": "007"},
        {"horizon_days": "0"},
        {"horizon_days": 31},
        {"horizon_days": True},
        {"horizon_days": "5.0"},
        {"horizon_days": "٥"},
        {"share": "nan"},
        {"share": "1e999"},
        {"share": float("inf")},
        {"detailed": "yes"},
        {"detailed": 1},
        {"lang": "ar"},
        {"directorate": "a\nb"},
        {"directorate": "a\u202eb"},
        {"directorate": "x" * 201},
        {"directorate": None},
        {"__import__": "os"},
    ],
)
def test_wrong_use_is_refused(declared: dict[str, Parameter], wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongUse):
        validated(declared, wrong)


@given(text=st.text(max_size=30))
def test_any_text_is_taken_whole_or_refused(text: str) -> None:
    declared = {
        "code": Parameter("code", "str", ""),
        "count": Parameter("count", "int", 0, low=0, high=10),
        "as_of": Parameter("as_of", "str", "2024-12-31"),
    }
    for name in declared:
        try:
            value = validated(declared, {name: text})[name]
        except WrongUse:
            continue
        assert str(value) == text or (text == "-0" and value == 0)


@pytest.mark.parametrize(
    "cell",
    [
        "as_of = '2024-12-31'",
        "as_of: date = '2024-12-31'",
        "import os",
        "n: int = len('a')",
        "n: int = 'a'",
        "n: int = 1\nn: int = 2",
        "n: int = 9  # jours [1..5]",
        "n: int = 1  # jours [1..x]",
        "n: int",
        "n: int = ",
        "as_of: str = 'demain'",
    ],
)
def test_a_cell_that_declares_badly_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(WrongUse):
        read_parameters(write_notebook(tmp_path / "n.ipynb", parameters=cell))


def test_the_cell_is_never_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(WrongUse):
        read_parameters(write_notebook(tmp_path / "n.ipynb", parameters=f"n: str = open({str(mark)!r}, 'w').name"))
    assert not mark.exists()


def test_a_hash_inside_a_default_is_no_comment(tmp_path: Path) -> None:
    declared = read_parameters(write_notebook(tmp_path / "n.ipynb", parameters="code: str = 'é#1'  # le code"))
    assert (declared["code"].default, declared["code"].meaning) == ("é#1", "le code")


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text("not json", encoding="utf-8")
    with pytest.raises(WrongUse, match="cannot be read"):
        read_parameters(tmp_path / "n.ipynb")
