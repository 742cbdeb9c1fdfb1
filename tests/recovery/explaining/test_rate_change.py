"""Mirrors recovery/explaining/rate_change.py and one_offs.py: the case of docs/methods/rate_change.md, and that the parts always add up."""

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from tests.recovery.books import books
from workbench.errors import WrongUse
from workbench.recovery import collection_rates, movements, rate_sums
from workbench.recovery.explaining import EFFECTS, explain_change, one_off_candidates, rate_parts

CASE = worked("rate_change")


def period(name: str) -> pd.DataFrame:
    return pd.DataFrame(
        [("MAD", "household", center, base * 100, cash * 100) for center, (base, cash) in CASE[name].items()],
        columns=["currency_code", "segment_code", "center_code", "base_centimes", "collected_centimes"],
    )


def marked(**amounts: Any) -> pd.DataFrame:
    return pd.DataFrame([{"currency_code": "MAD", "segment_code": "household", "center_code": "B", **amounts}])


ONE_OFF = marked(period_code="after", base_centimes=0, collected_centimes=4500)


@pytest.mark.parametrize(("expected", "one_offs"), [("plain", None), ("marked", ONE_OFF)])
def test_worked_case(expected: str, one_offs: pd.DataFrame | None) -> None:
    found = explain_change(period("before"), period("after"), one_offs=one_offs).effects
    assert found["effect_code"].tolist() == list(EFFECTS)
    for row in found.to_dict("records"):
        points, amount = CASE[expected][row["effect_code"]]
        assert row["rate"] == pytest.approx(points, abs=1e-12)
        assert row["collected_centimes"] == round(amount * 100)


def test_centres_tell_who_moved_the_rate() -> None:
    groups = explain_change(period("before"), period("after")).groups.set_index("center_code")
    assert groups.loc["A", ["before_rate", "after_rate", "before_share", "after_share"]].tolist() == [
        0.9,
        0.85,
        0.5,
        0.25,
    ]
    assert groups["mix_rate"].tolist() == pytest.approx([-0.25 * 0.125, 0.25 * -0.125])
    assert groups["behaviour_rate"].tolist() == pytest.approx([0.375 * -0.05, 0.625 * 0.05])


def test_segments_and_currencies_are_never_pooled() -> None:
    other = (
        period("before").assign(segment_code="state"),
        period("after").assign(segment_code="state", currency_code="EUR"),
    )
    found = explain_change(pd.concat([period("before"), other[0]]), pd.concat([period("after"), other[1]])).effects
    assert found.drop_duplicates(["currency_code", "segment_code"])[
        ["currency_code", "segment_code"]
    ].to_numpy().tolist() == [
        ["EUR", "state"],
        ["MAD", "household"],
        ["MAD", "state"],
    ]
    alone = found[(found["currency_code"] == "MAD") & (found["segment_code"] == "household")]
    assert alone["collected_centimes"].tolist() == [15000, 15000, -2500, 500, 0, 28000]
    # the State had something to collect in dirhams before, and nothing after: no rate, all of the cash is volume
    gone = found[(found["currency_code"] == "MAD") & (found["segment_code"] == "state")]
    assert gone["collected_centimes"].tolist() == [15000, -15000, 0, 0, 0, 0]
    assert gone["rate"].isna().tolist() == [False, True, True, True, True, True]


def test_a_new_centre_moves_the_mix_alone() -> None:
    after = pd.concat([period("after"), marked(base_centimes=10000, collected_centimes=2000).assign(center_code="C")])
    groups = explain_change(period("before"), after).groups.set_index("center_code")
    assert groups.loc["C", "behaviour_rate"] == 0
    assert groups.loc["C", "mix_rate"] == pytest.approx(0.2 * (0.2 - 0.75))
    assert pd.isna(groups.loc["C", "before_rate"])


def test_bad_arguments() -> None:
    with pytest.raises(WrongUse, match="segment_code is both in by and in within"):
        explain_change(period("before"), period("after"), by=("segment_code",))
    with pytest.raises(WrongUse, match="no period is called during"):
        explain_change(period("before"), period("after"), one_offs=ONE_OFF.assign(period_code="during"))


_SIDE = st.dictionaries(
    st.sampled_from("ABCD"), st.tuples(st.integers(-50, 10**12), st.integers(-50, 10**12)), max_size=4
)


@given(
    before=_SIDE,
    after=_SIDE,
    once=st.none() | st.tuples(st.sampled_from(["before", "after"]), st.integers(0, 10**6), st.integers(0, 10**6)),
)
def test_the_parts_add_up(before: Any, after: Any, once: Any) -> None:
    names = ["currency_code", "segment_code", "center_code", "base_centimes", "collected_centimes"]
    sides = [
        pd.DataFrame([("MAD", "state", c, *v) for c, v in side.items()], columns=names) for side in (before, after)
    ]
    one_off = (
        None
        if once is None
        else marked(period_code=once[0], base_centimes=once[1], collected_centimes=once[2]).assign(segment_code="state")
    )
    found = explain_change(*sides, one_offs=one_off)
    if not (before or after):
        assert found.effects.empty
        return
    effects = found.effects.set_index("effect_code")
    cash = effects["collected_centimes"]
    assert cash["before"] == sum(v[1] for v in before.values())
    assert cash.iloc[:-1].sum() == cash["after"] == sum(v[1] for v in after.values())
    if effects["rate"].notna().all():
        points = [float(one) for one in effects["rate"]]
        size = max(abs(one) for one in points)
        assert math.fsum(points[:-1]) == pytest.approx(points[-1], abs=1e-9 * max(size, 1))
        for effect in ("mix", "behaviour"):
            told = math.fsum(float(one) for one in found.groups[f"{effect}_rate"])
            assert told == pytest.approx(float(effects.loc[effect, "rate"]), abs=1e-9 * max(size, 1))


@settings(max_examples=6, deadline=None)
@given(book=books())
def test_parts_of_a_period_give_the_rates_of_the_house(book: Any) -> None:
    moved = movements(*book, opening=date(2023, 12, 31), as_of=date(2024, 12, 31), lazy=True)
    parts = rate_parts(rate_sums(moved, date(2024, 12, 31)))
    rates = collection_rates(moved, date(2024, 12, 31))
    sums = parts.groupby(["currency_code", "segment_code", "side_code"], dropna=False)[
        ["base_centimes", "collected_centimes"]
    ].sum()
    for row in rates.to_dict("records"):
        for side in ("current", "arrears"):
            key = (row["currency_code"], row["segment_code"], side)
            told = [row[f"{side}_base_centimes"], row[f"{side}_collected_centimes"]]
            if pd.isna(row["segment_code"]):
                key = next(one for one in sums.index if one[0] == key[0] and pd.isna(one[1]) and one[2] == side)
            assert sums.loc[[key]].iloc[0].tolist() == told


def test_customers_who_alone_moved_the_rate() -> None:
    moved = table("""
        customer_code  segment_code  currency_code  opening_centimes  billed_centimes  cancelled_centimes  credited_centimes  collected_centimes  amount_ttc_centimes  was_issued_before  is_cancelled
        BIG            state         MAD                        9000                0                   0                  0                9000                 9000  yes                false
        C1             state         MAD                           0             5000                   0                  0                2000                 5000  -                  false
        C2             state         MAD                           0             5000                   0               1000                2000                 5000  -                  false
        C3             state         MAD                        -700                0                   0                  0                   0                 1000  yes                false
        C4             state         MAD                           0             4000                4000                  0                 500                 4000  -                  true
        ALONE          household     MAD                           0              100                   0                  0                  50                  100  -                  false
    """)
    moved["was_issued_before"] = moved["was_issued_before"].notna()
    found = one_off_candidates(moved, smallest_rate=0.1)
    shown = found[["segment_code", "customer_code", "base_centimes", "collected_centimes"]]
    assert rows(shown) == [("state", "BIG", 9000, 9000), ("state", "C1", 5000, 2000)]
    assert found["rate"].tolist() == pytest.approx([13 / 18] * 2)
    assert found["effect_rate"].tolist() == pytest.approx([13 / 18 - 4 / 9, 13 / 18 - 11 / 13])
    assert one_off_candidates(moved, smallest_rate=0.1, count=1)["customer_code"].tolist() == ["BIG"]
    with pytest.raises(WrongUse):
        one_off_candidates(moved, count=0)
