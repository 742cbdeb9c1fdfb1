"""Steps of enforcement, each on the bills that it is of."""

from typing import Any

import numpy as np
import pandas as pd

from workbench.frames import frame, to_pandas
from workbench.recovery.impairment.anniversaries import as_days

CLAIM = (
    "invoice_id",
    "customer_code",
    "center_code",
    "segment_code",
    "currency_code",
    "issue_date",
    "due_date",
    "outstanding_centimes",
)  # what is told of a claim, in `recovery.open_items`
_NAMES = ["row", "step_code", "opened_date", "closed_date"]


def steps_on_items(items: pd.DataFrame, steps: Any) -> pd.DataFrame:
    """Each step on each of its items: `row` (place of the item in `items`), `step_code`, `opened_date`, `closed_date`.

    `items` holds `invoice_id`, `customer_code`, `issue_date`, each bill once. A step that names no bill is on every bill that its customer had
    by its day; one on a bill that is not in `items` is left out.
    """
    told = to_pandas(frame(steps).select("customer_code", "invoice_id", "step_code", "opened_date", "closed_date"))
    on_bill = told[told["invoice_id"].notna()]
    row = pd.Index(items["invoice_id"]).get_indexer(on_bill["invoice_id"])
    named = on_bill.assign(row=row)[row >= 0]
    numbered = items[["customer_code", "issue_date"]].assign(row=np.arange(len(items)))
    on_all = told[told["invoice_id"].isna()].merge(numbered[numbered["customer_code"].notna()], on="customer_code")
    on_all = on_all[as_days(on_all["issue_date"]) <= as_days(on_all["opened_date"])]
    found: pd.DataFrame = pd.concat([named[_NAMES], on_all[_NAMES]], ignore_index=True)
    return found
