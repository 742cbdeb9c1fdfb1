"""Allocation of receipts that name no bill: a proposal, apart from the allocations that were made."""

from typing import Any

import narwhals as nw

from workbench.frames import table_function


@table_function
def allocate_oldest_first(items: nw.LazyFrame[Any], receipts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Proposed allocations of unallocated receipts to the debit items of the same customer and currency, oldest bill first.

    Bills and receipts of a customer are laid end to end on one line of money; an allocation is where two of them overlap.
    What no bill takes is proposed nowhere and stays unallocated.

    Parameters
    ----------
    items, receipts
        Results of `item_balances` or `open_items`, and receipts with `payment_id`, `customer_code`, `currency_code`, `receipt_date`,
        `unallocated_centimes`, on one date.
    """
    key = ["customer_code", "currency_code"]
    debit = items.filter(nw.col("outstanding_centimes") > 0).select(
        *key,
        "invoice_id",
        "issue_date",
        item_from=nw.col("outstanding_centimes") * -1,
        item_to=nw.col("outstanding_centimes").cum_sum().over(*key, order_by=["issue_date", "invoice_id"]),
    )
    money = receipts.filter(nw.col("unallocated_centimes") > 0).select(
        *key,
        "payment_id",
        "receipt_date",
        money_from=nw.col("unallocated_centimes") * -1,
        money_to=nw.col("unallocated_centimes").cum_sum().over(*key, order_by=["receipt_date", "payment_id"]),
    )
    debit = debit.with_columns(item_from=nw.col("item_from") + nw.col("item_to"))
    money = money.with_columns(money_from=nw.col("money_from") + nw.col("money_to"))
    return (
        debit.join(money, on=key, how="inner")
        .with_columns(
            amount_centimes=(
                nw.min_horizontal("item_to", "money_to") - nw.max_horizontal("item_from", "money_from")
            ).cast(nw.Int64),
            allocation_date=nw.max_horizontal("issue_date", "receipt_date"),
        )
        .filter(nw.col("amount_centimes") > 0)
        .select("payment_id", "invoice_id", "allocation_date", "amount_centimes", "currency_code")
        .sort("payment_id", "invoice_id")
    )
