"""Amounts before tax: each amount × HT ÷ TTC of its own bill, rounded once, half away from zero, exact on 128-bit integers.

A bill without HT, one whose HT does not lie between zero and its TTC, and a credit on no bill count in full: nothing is guessed
from a rate of tax, and no amount grows by losing its tax.
"""

from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import EVENTS

_AMOUNTS = tuple(f"{name}_centimes" for name in ("cancelled", *EVENTS, "outstanding", "billed"))


def before_tax(name: str, ttc: str = "amount_ttc_centimes") -> nw.Expr:
    """The amount in column `name` before tax, by `amount_ht_centimes` and the column `ttc` of the same row."""
    # 128 bits: a product of two large bills passes 2^63. Half away from zero, on the absolute value, then the sign back.
    amount, ht, whole = (nw.col(n).cast(nw.Int128) for n in (name, "amount_ht_centimes", ttc))
    sign = nw.when(nw.col(name) < 0).then(nw.lit(-1)).otherwise(nw.lit(1))
    size, divisor = (amount * ht).abs(), whole.abs()
    share = (size * 2 + divisor) // (divisor * 2)
    is_part = (whole != 0) & (ht * whole >= 0) & (ht.abs() <= whole.abs())
    known = ~ht.is_null() & is_part
    return nw.when(known).then((share * sign).cast(nw.Int64)).otherwise(nw.col(name)).alias(name)


@table_function
def items_without_tax(items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`item_balances` with every amount before tax; each is rounded on its own, so a row may miss its identity by a centime."""
    return items.with_columns(*[before_tax(name, "billed_centimes") for name in _AMOUNTS])
