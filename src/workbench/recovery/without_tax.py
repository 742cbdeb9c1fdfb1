"""Amounts before tax: each amount × HT ÷ TTC of its own bill, rounded once, half away from zero, exact on 128-bit integers.

A bill without HT, one whose HT does not lie between zero and its TTC, and a credit on no bill count in full: nothing is guessed
from a rate of tax, and no amount grows by losing its tax.
"""

from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import EVENTS

_SMALL = 1_000_000_000  # centimes: below it on both sides, twice the product stays under 2^63
_AMOUNTS = tuple(f"{name}_centimes" for name in ("cancelled", *EVENTS, "outstanding", "billed"))


def before_tax(name: str, ttc: str = "amount_ttc_centimes") -> nw.Expr:
    """The amount in column `name` before tax, by `amount_ht_centimes` and the column `ttc` of the same row."""
    amount, ht, whole = nw.col(name), nw.col("amount_ht_centimes"), nw.col(ttc)
    is_positive, is_negative = (ht >= 0) & (ht <= whole), (ht <= 0) & (ht >= whole)
    known = (whole != 0) & (is_positive | is_negative)
    # A product of two large bills passes 2^63. 128 bits divide slower, so they are kept for the few that need them.
    is_small = (amount.abs() < _SMALL) & (whole.abs() < _SMALL)
    share = (
        nw.when(is_small)
        .then(_share(amount, ht, whole))
        .otherwise(_share(*(each.cast(nw.Int128) for each in (amount, ht, whole))).cast(nw.Int64))
    )
    return nw.when(known).then(share).otherwise(amount).alias(name)


def _share(amount: nw.Expr, ht: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """amount × ht ÷ whole, half away from zero: on the absolute value, then the sign of the amount back."""
    size, divisor = (amount * ht).abs(), whole.abs()
    share = (size * 2 + divisor) // (divisor * 2)
    return nw.when(amount < 0).then(share * -1).otherwise(share)


@table_function
def items_without_tax(items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """`item_balances` with every amount before tax; each is rounded on its own, so a row may miss its identity by a centime."""
    return items.with_columns(*[before_tax(name, "billed_centimes") for name in _AMOUNTS])
