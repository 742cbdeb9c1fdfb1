"""The few figures that an unpaid page opens with."""

from datetime import date
from typing import Any

import pandas as pd

from workbench.schemas.facts import status_of


def unpaid_summary(items: pd.DataFrame, loose: pd.DataFrame, as_of: date) -> dict[str, Any]:
    """Rest, part past due, number of bills, receipts not allocated (hundredths), and a status on the share past due.

    The share is `None`, and the status `unmeasured`, where nothing is open. Thresholds of the status: 10 % and 20 % (illustrative).
    """
    is_due = pd.to_datetime(items["due_date"]) < pd.Timestamp(as_of)
    rest, due = int(items["outstanding_centimes"].sum()), int(items.loc[is_due, "outstanding_centimes"].sum())
    share = due / rest if rest else None
    unallocated = int(loose["unallocated_centimes"].sum())
    return {
        "rest": rest,
        "due": due,
        "share": share,
        "items": len(items),
        "loose": unallocated,
        "status": status_of(share, 0.1, 0.2),
    }
