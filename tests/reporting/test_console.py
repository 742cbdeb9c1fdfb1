"""Mirrors reporting/console.py: what is grave is said first, and what is alike is counted."""

import json
from decimal import Decimal

import pytest

from workbench.reporting.console import ALIKE, print_json, print_rows, show_problems
from workbench.schemas.checking import Problem


def test_a_refusal_comes_first_and_notes_alike_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    notes = [Problem("multicash_pair", "noted", {"pair": f"AUSZUG_{n}.txt"}, f"UMSATZ_{n}.txt") for n in range(30)]
    show_problems([*notes, Problem("profile_missing", "refused", {}, "x.txt")], "fr")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("  refusé  x.txt: Aucun profil")
    assert len(lines) == 1 + ALIKE + 1
    assert "27" in lines[-1]


def test_few_problems_are_all_said(capsys: pytest.CaptureFixture[str]) -> None:
    show_problems([Problem("profile_missing", "refused", {}, "a\x1b[31m.txt")], "en")
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "\x1b" not in told


def test_json_holds_only_what_json_has(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        [{"n": float("nan"), "s": Decimal("-26305724"), "r": Decimal("0.10"), "b": b"a\xff", "t": (1, float("inf"))}]
    )
    assert json.loads(capsys.readouterr().out) == [
        {"n": None, "s": -26305724, "r": "0.10", "b": "61ff", "t": [1, None]}
    ]


def test_off_a_terminal_a_row_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"name": "x" * 300, "value": "y" * 300}], as_json=False)
    assert len(capsys.readouterr().out.splitlines()) == 2
