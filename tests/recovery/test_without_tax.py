"""Mirrors recovery/without_tax.py: exact, rounded once, half away from zero, whatever the size and the sign."""

from fractions import Fraction

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from workbench.recovery import items_without_tax

_NAMES = ["cancelled", "collected", "stamps", "compensations", "credited", "written_off", "outstanding"]
_amounts = st.integers(-(10**13), 10**13)
_ratios = st.integers(0, 1000) | st.sampled_from(
    [-1000, 3000]
)  # the last two are no tax: HT of the other sign, HT beyond TTC
_bills = st.tuples(_amounts, _amounts, st.none() | _ratios).map(
    lambda bill: (bill[0], bill[1], None if bill[2] is None else bill[1] * bill[2] // 1000)
)


def _rounded(amount: int, ttc: int, ht: int | None) -> int:
    if ht is None or ttc == 0 or not 0 <= Fraction(ht, ttc) <= 1:
        return amount
    exact = Fraction(amount * ht, ttc)
    return (1 if exact >= 0 else -1) * int(abs(exact) + Fraction(1, 2))


@settings(max_examples=25)
@given(items=st.lists(_bills, min_size=1, max_size=30))
def test_each_amount_takes_the_ratio_of_its_own_bill(items: list[tuple[int, int, int | None]]) -> None:
    columns = ["outstanding_centimes", "billed_centimes", "amount_ht_centimes"]
    frame = pd.DataFrame(items, columns=columns).astype("Int64")
    full = frame.assign(**{f"{name}_centimes": frame["outstanding_centimes"] for name in _NAMES})
    found = items_without_tax(full)[["outstanding_centimes", "collected_centimes", "billed_centimes"]]
    assert rows(found) == [(_rounded(a, ttc, ht), _rounded(a, ttc, ht), _rounded(ttc, ttc, ht)) for a, ttc, ht in items]
