"""Mirrors recovery/unpaid_findings.py and unpaid_tables.py: what the page says comes from the tables it shows, and these tie."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.builders import rows
from tests.recovery.test_unpaid import AS_OF, OFFICE
from workbench.recovery import (
    PARTS,
    Unpaid,
    by_segment,
    decisions_asked,
    passage_steps,
    rate_rows,
    rates_by_segment,
    unpaid,
    unpaid_card_rows,
    unpaid_facts,
    unpaid_findings,
    unpaid_lede,
    unpaid_tables,
    unpaid_ties,
    worst_status,
)
from workbench.reporting.words import has
from workbench.schemas.facts import Fact

REPORT = "recovery/unpaid"


@pytest.fixture(scope="module")
def found() -> Unpaid:
    return unpaid(OFFICE, AS_OF)


@pytest.fixture(scope="module")
def said(found: Unpaid) -> dict[str, Any]:
    return unpaid_findings(found, unpaid_facts(found))


def test_the_figures_of_the_page(said: dict[str, Any]) -> None:
    # F1 900,000 + F2 70,000 + F3 10,000 + F4 300,000 + F5 47,000; all past due, F5 without a due date
    assert (said["owed"], said["due"], said["items"]) == (1_327_000, 1_327_000, 5)
    assert said["old"] == 900_000 + 10_000
    assert said["old_share"] == pytest.approx(910_000 / 1_327_000)
    assert (said["credits"], said["loose"], said["loose_count"], said["disputed"]) == (4_000, 7_000, 1, 70_000)
    assert (said["first_segment"], said["first_segment_share"]) == ("state", pytest.approx(970_000 / 1_327_000))
    assert (said["top_units"], said["units"], said["currency"], said["others"]) == ("D1", 1, "MAD", "EUR")


def test_a_year_that_is_not_known_gives_no_change() -> None:
    early = unpaid(OFFICE, date(2022, 3, 31))
    said = unpaid_findings(early, unpaid_facts(early))
    assert (said["since_year"], said["due_since"]) == (None, None)
    assert said["worse"] == 0
    assert "lede_worse" not in unpaid_lede(said)
    assert by_segment(early)["year_change_centimes"].isna().all()


def test_portfolios_are_levels_that_add_up_and_segments_keep_their_order(found: Unpaid) -> None:
    table = by_segment(found)
    assert rows(table[["segment_code", "outstanding_centimes", "is_level"]]) == [
        ("state", 970_000, False),
        ("key_accounts", 970_000, True),
        ("household", 357_000, False),
        ("private", 357_000, True),
    ]
    assert (table[list(PARTS)].sum(axis=1) == table["outstanding_centimes"]).all()


def test_the_passage_closes_and_every_step_has_its_words(found: Unpaid) -> None:
    steps = passage_steps(found)
    assert steps["amount_centimes"].iloc[:-1].sum() == steps["amount_centimes"].iloc[-1] == 1_327_000 - 4_000
    assert all(has(REPORT, f"cascade_step_{label}") for label in steps["label"])


def test_every_equality_of_the_page_holds_and_one_that_does_not_is_seen(found: Unpaid) -> None:
    facts = unpaid_facts(found)
    ties = unpaid_ties(found, facts)
    assert len(ties) == 9
    assert all(left == right for _, left, right in ties)
    wrong = replace(found, origins=found.origins.assign(outstanding_centimes=found.origins["outstanding_centimes"] + 1))
    assert [what for what, left, right in unpaid_ties(wrong, facts) if left != right] == ["years of origin = ledger"]


def test_tables_leave_out_what_is_empty(found: Unpaid) -> None:
    shown = unpaid_tables(found)
    assert {"segments", "heat", "passage", "readings", "delays", "waiting", "credits", "month"} <= set(shown)
    assert shown["heat"]["outstanding_centimes"].sum() == 1_327_000
    assert set(shown["directorates"]["unit_code"]) == {"D1", "unknown"}
    assert len(unpaid_tables(replace(found, credits=found.credits.head(0))).get("credits", [])) == 0


def test_cash_that_waits_is_not_lowered_by_what_was_allocated_twice(found: Unpaid) -> None:
    shown = unpaid_tables(found)
    assert rows(shown["waiting"][["channel_code", "receipt_count", "unallocated_centimes"]]) == [("transfer", 1, 7_000)]
    apart = shown["waiting_apart"][["channel_code", "waiting_code", "unallocated_centimes"]]
    assert rows(apart) == [("transfer", "over_allocated", -2_000)]
    assert has(REPORT, "waiting_code_over_allocated")
    assert has(REPORT, "waiting_code_no_cash")


def test_rates_by_segment_show_the_change_in_points(found: Unpaid) -> None:
    table = rates_by_segment(found, "global").set_index("segment_code")
    assert table.loc["state", "rate"] == pytest.approx(0.0)
    assert found.rate_thresholds("global") == (0.8, 0.65)
    assert found.rate_thresholds("nothing") is None
    changed = table["rate"] - table["previous_rate"]
    assert changed.equals(table["change_pts"].rename(None)) or (changed - table["change_pts"]).abs().max() < 1e-12


def test_rows_of_cards_and_decisions_have_their_words(found: Unpaid, said: dict[str, Any]) -> None:
    labels = [label for rows in unpaid_card_rows(said).values() for label, _, _ in rows]
    fact = Fact("global_rate_private", 0.5, "share", "alert", 0.8, 0.6)
    labels += [label for label, _, _ in rate_rows(fact)]
    assert [label for label in labels if not has(REPORT, label)] == []
    assert {label: value for label, value, _ in rate_rows(fact)}["row_points"] == pytest.approx(-0.1)
    codes = [code for code, *_ in decisions_asked(found)]
    assert codes
    assert all(has(REPORT, f"{code}{end}") for code in codes for end in ("", "_who", "_otherwise"))


def test_the_page_takes_the_gravest_status() -> None:
    ok, watch = (Fact(f"global_rate_{n}", 1.0, "share", s) for n, s in (("a", "ok"), ("b", "watch")))  # type: ignore[arg-type]
    assert worst_status([ok, watch]) == "watch"
    assert worst_status([ok]) == "ok"
    assert worst_status([]) == "info"


def test_a_month_shows_only_movements_that_happened(found: Unpaid) -> None:
    month = unpaid_tables(found)["month"]
    assert isinstance(month, pd.DataFrame)
    moved = [name for name in month.columns if name not in ("unit_code", "opening_centimes", "closing_centimes")]
    assert all(month[name].any() for name in moved)
    assert month["closing_centimes"].sum() == 1_323_000
