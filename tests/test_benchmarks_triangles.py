"""Mirrors benchmarks/triangles.py: the race runs, small, alone or beside a peer. Nothing here is timed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.triangles import PUBLISHED, chosen_then_judged, one_triangle, read
from tests.recovery.triangles.triangle_cases import CASES, case
from tests.test_benchmarks import race
from workbench.recovery.triangles import chain_ladder, hidden_diagonals

SMALL = ("--seeds", "0", "--rows")


def written(path: Path) -> Path:
    rows = [
        f"{name},{origin},{age},{amount}"
        for name in PUBLISHED
        for origin, cells in enumerate(CASES[name]["amounts"])
        for age, amount in enumerate(cells)
    ]
    path.write_text("\n".join(["triangle,origin,age,amount", *rows]), encoding="utf-8")
    return path


def test_triangles_are_raced_on_any_file_of_the_layout(tmp_path: Path) -> None:
    data = written(tmp_path / "triangles.csv")
    assert np.array_equal(read(data)["raa"], case("raa").values, equal_nan=True)
    told = race("triangles", "--data", str(data), "--peers", "none", *SMALL)
    off = {row["what"]: row["ours"] for row in told if row["target"] == "≤ 0.5"}
    assert set(off) == {f"{name}: total error off what was published" for name in PUBLISHED}
    assert max(off.values()) <= 0.5
    assert {row["peer"] for row in told} == {None}


def test_offices_and_the_engine_run_small(tmp_path: Path) -> None:
    arguments = ("--peers", "none", "--seeds", "1", "--customers", "400", "--rows", "3000")
    (whole,) = race("triangles", *arguments, "--json")
    assert set(whole) == {"ours", "peers", "sizes", "versions"}
    assert {
        f"{model}, {how}" for model in ("chain_ladder", "poisson_seasons") for how in ("as the model says", "widened")
    } < set(whole["ours"]["intervals"])
    assert whole["ours"]["wape"]["household"]["chosen"] > 0
    assert whole["ours"]["wape"]["household"]["naive"] > 0
    assert whole["ours"]["engine"]["3000"]["peak_mib"] > 0
    assert whole["peers"] == {}


def test_what_is_judged_was_not_there_when_the_model_was_chosen() -> None:
    said = hidden_diagonals(case("genins"), count=6)
    swapped = said.copy()
    late = swapped["hidden_count"] <= 3
    swapped.loc[late, "came_mad"] = swapped.loc[late, "said_mad"].where(swapped["model_code"] == "naive", 0)
    one, two = (chosen_then_judged(each).query("model_code == 'chosen'")["said_mad"] for each in (said, swapped))
    assert len(one) > 0
    assert one.equals(two)


def test_the_hidden_diagonal_is_that_of_the_model_itself() -> None:
    told = one_triangle(case("genins"), None)
    before = chain_ladder(case("genins").hidden(1))
    said = [before.full[row, 9 - row] - before.triangle.latest[row] for row in range(1, 9)]
    came = [case("genins").latest[row] - before.triangle.latest[row] for row in range(1, 9)]
    assert told["cells"] == 8  # the tenth vintage had not begun, and nobody had told the last step of the first
    assert told["ours"]["chain_ladder"]["wape"] == pytest.approx(np.abs(np.subtract(said, came)).sum() / np.sum(came))


def test_beside_the_package_errors_are_the_same(tmp_path: Path) -> None:
    pytest.importorskip("chainladder", reason="the chainladder package is not installed")
    data = written(tmp_path / "triangles.csv")
    (whole,) = race("triangles", "--data", str(data), "--peer", sys.executable, *SMALL, "--json")
    for name in PUBLISHED:
        ours, peer = whole["ours"]["published"][name]["chain_ladder"], whole["peers"]["chainladder"][name]
        assert ours["wape"] == pytest.approx(peer["wape"])
        assert ours["coverage_80"] == peer["coverage_80"]
    assert json.dumps(whole["versions"]).count("chainladder") == 1


def test_an_absent_peer_is_told_and_ours_run_alone(tmp_path: Path) -> None:
    told = race("triangles", "--peer", str(tmp_path / "python"), *SMALL)
    assert {row["peer"] for row in told} == {None}
    assert any(row["what"].startswith("raa: hidden diagonal, chosen") for row in told)
