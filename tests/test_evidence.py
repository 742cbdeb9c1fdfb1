"""Mirrors evidence.py."""

from workbench.evidence import rolling_origins


def test_the_last_test_ends_with_the_last_row() -> None:
    assert rolling_origins(length=100, horizon=10, count=3, step=20) == [50, 70, 90]
    assert rolling_origins(length=25, horizon=10, count=4, step=10) == [5, 15]
