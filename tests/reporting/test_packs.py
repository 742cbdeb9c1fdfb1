from pathlib import Path

import pytest

from workbench.errors import WrongUse
from workbench.reporting.packs import load_packs, pack_named

PROJECT = Path(__file__).parents[2]


def test_the_packs_of_the_house() -> None:
    packs = load_packs(PROJECT)
    assert packs["daily"].reports == ("treasury/cash_position",)
    assert packs["daily"].period == "day"
    recovery = ("recovery/unpaid", "recovery/recovery_rates", "recovery/recovery_monthly", "recovery/expected_receipts")
    monthly = ("treasury/cash_position", "treasury/cash_plan", "treasury/treasury_monthly", *recovery)
    assert packs["monthly"].reports == monthly
    assert (packs["weekly"].reports, packs["weekly"].period) == (
        ("treasury/cash_plan", "recovery/monday", "recovery/expected_receipts"),
        "day",
    )
    assert "treasury/cash_plan" in packs["demo"].reports
    with pytest.raises(WrongUse, match="daily"):
        pack_named("hourly", PROJECT)


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nlabel_fr = 'a'\nlabel_en = 'a'\nperiod = 'hour'\nreports = ['a']",
        "[a]\nlabel_fr = 'a'\nlabel_en = 'a'\nperiod = 'day'\nreports = []",
        "[a]\nlabel_fr = 'a'\nlabel_en = 'a'\nperiod = 'day'\nreports = ['../a']",
        "[a]\nlabel_fr = 'a'\nlabel_en = 'a'\nperiod = 'day'\nreports = ['a']\nreport = 'a'",
        "not toml",
    ],
)
def test_a_file_that_does_not_hold_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "packs.toml").write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse):
        load_packs(tmp_path)
