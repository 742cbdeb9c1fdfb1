"""Mirrors cash/lines/label_shapes.py."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cash.lines.label_shapes import coded, label_shape, plain_capitals, shapes_of


@pytest.mark.parametrize(
    ("label", "shape"),
    [
        ("VIR REÇU N° 0042", "VIR RECU N° #"),
        (" vir  recu\nn° 7 ", "VIR RECU N° #"),
        ("Énergie 12.345,67", "ENERGIE #.#,#"),
        ("OV001E01", "OV#E#"),
        ("٣٤ ÷ œuvre\u202e\x1b[2J", "# ÷ ŒUVRE [#J"),
        ("=1+1", "=#+#"),
        ("ª 1² #3", "A # #"),
        ("", ""),
    ],
)
def test_a_shape_is_capitals_without_accents_or_numbers(label: str, shape: str) -> None:
    assert label_shape(label) == shape


def test_a_name_keeps_its_digits() -> None:
    assert plain_capitals(" Client 00000012\u00a0é") == "CLIENT 00000012 E"


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=8))
def test_a_column_has_the_shapes_of_its_labels_one_by_one(labels: list[str | None]) -> None:
    codes, shapes = shapes_of(pd.Series(labels, dtype="str"))
    assert [shapes[code] for code in codes] == [label_shape(label or "") for label in labels]
    assert len(set(shapes)) == len(shapes)
    assert all(label_shape(shape) == shape for shape in shapes)  # a shape is its own shape


def test_texts_are_coded_with_null_as_the_empty_text() -> None:
    codes, words = coded(pd.Series(["b", None, "", "b"], dtype="str"))
    assert [words[code] for code in codes] == ["b", "", "", "b"]
    assert sorted(words) == ["", "b"]
