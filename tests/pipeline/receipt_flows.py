"""Bank flows made of receipts: each channel's money in value a fixed number of bank days after it was received."""

from collections.abc import Mapping

import pandas as pd

from workbench.recovery import ReceiptCube
from workbench.standards import load_bank_days

LINES = {"cash": "receipts_counters", "cheque": "receipts_counters", "operator": "receipts_electronic"}


def flows_of(cube: ReceiptCube, lags: Mapping[str, int], account: str = "A1", directorate: str = "D1") -> pd.DataFrame:
    """What the banks got of the receipts of a cube."""
    bank_days = load_bank_days()
    rows = cube.receipts.astype({"channel_code": str})
    days = [
        bank_days.add(bank_days.add(day.date(), 0), lags[channel])
        for day, channel in zip(rows["receipt_date"], rows["channel_code"], strict=True)
    ]
    flows = pd.DataFrame(
        {
            "account_number": account,
            "directorate_code": directorate,
            "line_code": rows["channel_code"].map(LINES),
            "currency_code": rows["currency_code"].astype(str),
            "flow_date": pd.to_datetime(days),
            "amount_centimes": rows["cash_centimes"],
        }
    )
    keys = ["account_number", "directorate_code", "line_code", "currency_code", "flow_date"]
    return flows.groupby(keys, sort=True)["amount_centimes"].sum().reset_index()
