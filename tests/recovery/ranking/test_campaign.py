"""Mirrors recovery/ranking/campaign.py: an effect is claimed where there is one, and only there; what is not shown is said whole."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.campaign import START, before_and_after, planted
from tests.builders import rows, worked
from workbench.errors import WrongUse
from workbench.recovery.ranking import CampaignEffect, campaign_effect, rates_by_month
from workbench.reporting.words import say, sentences

CASE = worked("campaign_effect")


def months(changes: dict[str, float], before: int = 6, after: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (code, START + month, CASE["before"] + (change if month >= 0 else 0.0), CASE["bills"])
            for code, change in changes.items()
            for month in range(-before, after)
        ],
        columns=["center_code", "month_ordinal", "paid_share", "size_count"],
    )


HELD = {f"H{n:02d}": change for n, change in enumerate(CASE["others"])}
IN = {f"T{n}": change for n, change in enumerate(CASE["treated"])}


def test_worked_case_of_the_method() -> None:
    found = campaign_effect(months(HELD | IN), list(IN), START, hold_out=list(HELD))
    assert (found.status_code, found.against) == ("favourable", "hold_out")
    assert (found.treated_count, found.other_count) == (4, 12)
    for name in ("estimate", "low", "high", "smallest_visible"):
        assert getattr(found, name) == pytest.approx(CASE[name], abs=1e-6)
    assert found.centers is not None
    assert found.centers["gain_share"].tolist() == pytest.approx(CASE["treated"])


def test_what_cannot_be_measured_says_why_and_gives_no_figure() -> None:
    table = months(HELD | IN)
    for reason, treated, changed in (
        ("too_few_treated", ["T0"], table),
        ("too_few_others", list(IN), table[table["center_code"].isin([*IN, "H00", "H01"])]),
        ("too_short", list(IN), table[table["month_ordinal"] >= START - 5]),
        ("too_short", list(IN), table[table["month_ordinal"] < START]),
    ):
        found = campaign_effect(changed, treated, START)
        assert (found.status_code, found.reason_code) == ("not_measurable", reason)
        assert (found.estimate, found.low, found.high, found.smallest_visible) == (None,) * 4
        assert set(sentences("ranking")[reason]) == {"fr", "en"}


def test_centres_with_a_hole_are_left_out_and_told_and_wrong_calls_are_refused() -> None:
    table = months(HELD | IN)
    hole = table[~((table["center_code"] == "H03") & (table["month_ordinal"] == START))]
    found = campaign_effect(hole, list(IN), START)
    assert (found.left_out, found.other_count) == (("H03",), 11)
    with pytest.raises(WrongUse, match="no month is known of centre 'X'"):
        campaign_effect(table, ["X"], START)
    with pytest.raises(WrongUse, match="'T0' is in the campaign and held out"):
        campaign_effect(table, list(IN), START, hold_out=["T0"])
    with pytest.raises(WrongUse, match="there twice"):
        campaign_effect(pd.concat([table, table.head(1)]), list(IN), START)


def test_months_are_looked_at_at_one_age_and_only_once_whole() -> None:
    cells = pd.DataFrame(
        {
            "currency_code": "MAD", "center_code": "A", "vintage_ordinal": [0, 0, 1, 1, 2], "age_days": [30, 60, 30, 60, 30],
            "is_complete": [True, True, True, False, True], "bill_count": 10, "paid_count": [5, 8, 6, 9, 4],
            "base_centimes": 1000, "collected_centimes": [400, 700, 500, 800, 300], "base_squares_mad": 25.0,
        }
    )  # fmt: skip
    found = rates_by_month(cells, 60)
    assert rows(found) == [("A", 0, 0.8, 10.0)]
    assert rows(rates_by_month(cells, 60, "amount")) == [("A", 0, 0.7, 4.0)]
    with pytest.raises(WrongUse, match="several currencies"):
        rates_by_month(pd.concat([cells, cells.assign(currency_code="EUR")]), 60)


def effects(points: int, way: str, count: int) -> list[CampaignEffect]:
    return [campaign_effect(months, who, START, hold_out=held) for months, who, held in (planted(seed, points, way) for seed in range(count))]  # fmt: skip


def claimed(found: list[CampaignEffect]) -> float:
    return float(np.mean([effect.status_code != "not_shown" for effect in found]))


@pytest.mark.parametrize("way", ["lot", "hold_out", "chosen"])
def test_an_effect_is_claimed_where_there_is_one_and_only_there(way: str) -> None:
    nothing, five = effects(0, way, 60), effects(5, way, 30)
    assert claimed(nothing) <= 0.1  # the race asks for 0.07 over 1,000
    assert claimed(five) >= 0.93
    assert abs(np.mean([effect.estimate for effect in nothing])) < 0.004
    assert np.mean([effect.estimate for effect in five]) == pytest.approx(0.05, abs=0.005)
    naive = [before_and_after(months, who) for months, who, _ in (planted(seed, 0, way) for seed in range(60))]
    assert np.mean(naive) > 0.4


def test_the_worst_of_all_whom_nobody_is_like_do_not_get_better_by_themselves() -> None:
    found = []
    for seed in range(60):
        table, _, _ = planted(seed, 0, "lot")
        wide = table.pivot(index="month_ordinal", columns="center_code", values="paid_share")
        worst = wide.loc[START - 3 : START - 1].mean().nsmallest(8).index.tolist()
        found.append(campaign_effect(table, worst, START))
    assert claimed(found) <= 0.1
    assert abs(np.mean([effect.estimate for effect in found])) < 0.005  # without the correction: 0.007 and more


def test_many_centres_that_share_the_few_like_them_claim_no_more() -> None:
    found = []
    for seed in range(1000, 1100):
        table, _, _ = planted(seed, 0, "lot")
        wide = table.pivot(index="month_ordinal", columns="center_code", values="paid_share")
        bad = wide.loc[: START - 1].mean().nsmallest(40).index.to_numpy()
        who = np.random.default_rng(seed).choice(bad, 20, replace=False).tolist()
        found.append(campaign_effect(table, who, START))
    assert claimed(found) <= 0.08  # as if each were compared with centres of its own: 0.12


def test_what_is_not_shown_is_said_with_its_interval_and_what_could_have_been_seen() -> None:
    found = effects(0, "chosen", 1)[0]
    assert found.status_code == "not_shown"
    french = say("ranking", f"campaign_{found.status_code}", "fr", **found.values())
    assert french.startswith("Effet non démontré\u202f: ")
    assert "à 95\u202f%" in french
    assert say("ranking", "campaign_not_shown", "en", **found.values()).startswith("Effect not shown: ")
    shown = effects(5, "lot", 1)[0]
    assert say("ranking", f"campaign_{shown.status_code}", "fr", **shown.values()).startswith(
        "Effet favorable\u202f: +"
    )
    place = say("ranking", "place", "fr", low_rank=4, high_rank=19, unit_count=120)
    assert place == "entre les rangs 4 et 19 sur 120"


@pytest.mark.parametrize("key", sorted(sentences("ranking")))
def test_every_sentence_is_said_in_both_languages(key: str) -> None:
    assert set(sentences("ranking")[key]) == {"fr", "en"}
