"""On which line of the plan an order, cheque or deposit comes: that of the lines booked before it that looked like it.

A register of orders names no line. Where every booked line of one account, direction and shape of reference (or counterparty) came on
one line of the plan, so will the next; where they did not, nobody knows, and the flow stays unclassified.
"""

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.cash.known.schedules import UNCLASSIFIED

FEWEST = 3  # booked lines that make a precedent
# What two flows have in common, from the narrowest to the widest: the first that has precedents decides.
_LIKENESS = (("account_number", "counterparty"), ("account_number", "shape"), ("shape",))


def lines_by_precedent(flows: pd.DataFrame, classified: pd.DataFrame, fewest: int = FEWEST) -> pd.DataFrame:
    """The line of each flow that has precedents.

    Parameters
    ----------
    flows
        `flow_id`, `account_number`, `amount_centimes`, `counterparty`, `reference`: the register of flows announced.
    classified
        Bank lines with the same columns (but `flow_id`) and `line_code`, booked by the date asked; unclassified ones are no precedent.

    Returns
    -------
    `flow_id`, `line_code`, sorted; flows without `fewest` precedents that agree are not in it.
    """
    rows = _alike(flows).assign(flow_id=flows["flow_id"].to_numpy(), line_code=None)
    past = _alike(classified).assign(line_code=classified["line_code"].to_numpy())
    past = past[past["line_code"].notna() & (past["line_code"] != UNCLASSIFIED)]
    for names in _LIKENESS:
        keys = ["is_receipt", *names]
        counted = past.dropna(subset=keys).groupby(keys)["line_code"].agg(["nunique", "size", "first"]).reset_index()
        told = rows[keys].merge(counted, on=keys, how="left").set_axis(rows.index)
        agrees = rows["line_code"].isna() & (told["nunique"] == 1) & (told["size"] >= fewest)
        rows["line_code"] = rows["line_code"].mask(agrees, told["first"])
        # What disagrees here is not settled by what is wider.
        rows.loc[rows["line_code"].isna() & (told["nunique"] > 1), "line_code"] = UNCLASSIFIED
    found = rows[rows["line_code"].notna() & (rows["line_code"] != UNCLASSIFIED)]
    return found[["flow_id", "line_code"]].sort_values("flow_id", ignore_index=True).astype("str")


def lines_on_their_way(classified: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Classified bank lines booked by `as_of` that come in value after it, as `known_flows` takes them: `day_date` is the value date."""
    coming = classified[pd.to_datetime(classified["value_date"]) > pd.Timestamp(as_of)]
    columns = [
        "account_number",
        "currency_code",
        "day_date",
        "amount_centimes",
        "reference",
        "counterparty",
        "line_code",
    ]
    return coming.assign(day_date=pd.to_datetime(coming["value_date"]))[columns].reset_index(drop=True)


def _alike(table: pd.DataFrame) -> pd.DataFrame:
    """What is compared: account, direction, counterparty in capitals, shape of the reference (its figures told as one)."""
    return pd.DataFrame(
        {
            "account_number": table["account_number"].astype("str").to_numpy(),
            "is_receipt": (table["amount_centimes"] > 0).to_numpy(dtype=bool),
            "counterparty": _blank_as_none(table["counterparty"], r"\s+", " "),
            "shape": _blank_as_none(table["reference"], "[0-9]+", "9"),
        }
    )


def _blank_as_none(texts: Any, pattern: str, written: str) -> pd.Series:
    column = pc.utf8_upper(pc.utf8_trim_whitespace(pa.array(texts, pa.string(), from_pandas=True)))
    plain = pc.replace_substring_regex(column, pattern, written)
    return pd.Series(pc.if_else(pc.equal(plain, ""), None, plain).to_pandas(), dtype="str")
