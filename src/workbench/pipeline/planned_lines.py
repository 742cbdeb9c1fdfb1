"""Which line of the plan an order, a cheque or a deposit in course belongs to: that of the bank lines on which its like were settled.

The register of flows in course knows no line. What it settled bears the reference of a bank line, and rules put that one on a line: the line
of nearly all settled flows of a kind and account (else of a kind) is that of those in course. Else it stays unclassified, and is shown.
"""

from typing import Any

import pandas as pd

from workbench.cash.flow_rules import OWN_TRANSFER, UNCLASSIFIED
from workbench.frames import to_pandas

NEARLY_ALL = 0.9
LEAST = 5  # settled flows of a kind and account from which their line is told
# A deposit in course is what a counter took to the bank: cash or cheques of customers, whatever was settled before.
BY_NATURE = {"deposit_in_course": "receipts_counters"}


def lines_of_planned(planned_flows: Any, classified: pd.DataFrame) -> pd.DataFrame:
    """`flow_id`, `line_code` of the flows of the register whose line is told.

    `classified`: bank lines booked by the date of the plan (`cash.classify`): what was settled later is on none of them.
    """
    flows = to_pandas(planned_flows)
    keys = ["account_number", "reference", "amount_centimes"]
    known = classified[~classified["line_code"].isin([UNCLASSIFIED, OWN_TRANSFER]) & classified["reference"].notna()]
    booked = known[[*keys, "line_code"]].drop_duplicates(keys)
    settled = flows[flows["settled_date"].notna() & flows["reference"].notna()].merge(booked, on=keys, how="inner")
    by_account = _usual(settled, ["flow_kind_code", "account_number"])
    by_kind = BY_NATURE | {key[0]: line for key, line in _usual(settled, ["flow_kind_code"]).items()}
    lines = [
        by_account.get((kind, account), by_kind.get(kind))
        for kind, account in flows[["flow_kind_code", "account_number"]].itertuples(index=False, name=None)
    ]
    found = pd.DataFrame({"flow_id": flows["flow_id"], "line_code": pd.array(lines, dtype="str")})
    return found[found["line_code"].notna()].reset_index(drop=True)


def _usual(settled: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], str]:
    """The line of nearly all settled flows of each group."""
    counts = settled.groupby([*keys, "line_code"]).size().rename("count").reset_index()
    whole = counts.groupby(keys)["count"].transform("sum")
    sure = counts[(counts["count"] >= NEARLY_ALL * whole) & (whole >= LEAST)]
    return {tuple(row[:-1]): row[-1] for row in sure[[*keys, "line_code"]].itertuples(index=False, name=None)}
