"""Mirrors payment_times/invoice_race.py and invoice_models.py: choices see nothing of the test, losers are logged."""

import pandas as pd
import pytest

from tests.recovery.payment_times.made_bills import made_bills
from workbench.errors import WrongUse
from workbench.recovery.payment_times.invoice_race import gated, race_invoices

TRAIN_TO = "2023-01-30"


def test_a_race_chooses_inside_training_and_is_scored_after_it() -> None:
    items = made_bills()
    found = race_invoices(items, TRAIN_TO, (2,))
    scores = found.scores.set_index("model_code")
    assert found.choice.chosen["invoices"] != "customer_mean"
    assert scores.loc[found.choice.chosen["invoices"], "crps"] < scores.loc["customer_mean", "crps"]
    assert set(found.choice.log["outcome_code"]) <= {"chosen", "lost_to_better", "lost_to_naive", "not_comparable"}
    assert found.choice.log.groupby("use_code")["is_chosen"].sum().to_dict() == {"cash_2w": 1, "invoices": 1}
    assert (found.cash["low_mad"] <= found.cash["high_mad"]).all()
    assert found.bill_count == int((items["issue_date"] >= TRAIN_TO).sum())

    # What came after the last day of training, and disputes that were not known by then, are another world: the choice is the same.
    day = pd.Timestamp(TRAIN_TO)
    later = items["settled_date"] >= day
    other = items.assign(
        settled_date=items["settled_date"].where(~later, items["settled_date"] + pd.Timedelta(days=9)),
        was_disputed=items["was_disputed"] ^ later,
    )
    again = race_invoices(other, TRAIN_TO, (2,))
    pd.testing.assert_frame_equal(found.choice.log, again.choice.log)
    assert found.choice.bands == again.choice.bands


def test_a_model_that_loses_to_a_naive_one_loses_its_place() -> None:
    log = gated(
        "cash_4w", "wape_4w", {"a": 0.05, "b": 0.03, "naive": 0.04, "silent": float("nan")}, {"naive", "silent"}, 3
    )
    assert log.set_index("model_code")["outcome_code"].to_dict() == {
        "a": "lost_to_naive",
        "b": "chosen",
        "naive": "lost_to_better",
        "silent": "not_comparable",
    }
    tie = gated("cash_4w", "wape_4w", {"a": 0.04, "naive": 0.04}, {"naive"}, 3)
    assert tie.set_index("model_code")["outcome_code"].to_dict() == {"a": "lost_to_naive", "naive": "chosen"}


def test_too_short_a_training_period_is_refused() -> None:
    with pytest.raises(WrongUse, match="too short"):
        race_invoices(made_bills(), "2022-03-01")


def test_nothing_said_by_anybody_is_refused() -> None:
    with pytest.raises(WrongUse, match="no model said anything"):
        gated("cash_4w", "wape_4w", {"a": float("nan")}, set(), 3)
