"""The peer of `exposure`: the same bills prepared in pandas, then lifelines' Cox by segment. Run by the Python that has lifelines.

    PYTHON benchmarks/peer_hazards.py FOLDER

Prints CPU, wall and peak memory. It has no season, no past behaviour, no part payments and no receipts: less work than ours.
"""

import json
import resource
import sys
import time
from pathlib import Path

import pandas as pd
from lifelines import CoxPHFitter

AS_OF = pd.Timestamp("2024-12-29")


def main() -> None:
    """Prepare and fit."""
    folder, begun = Path(sys.argv[1]), time.perf_counter()
    invoices, allocations, offs = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("invoices", "allocations", "write_offs")
    )
    paid = allocations.groupby("invoice_id").agg(paid=("amount_centimes", "sum"), last=("allocation_date", "max"))
    items = invoices.merge(paid, on="invoice_id", how="left").merge(
        offs[["invoice_id", "write_off_date"]], on="invoice_id", how="left"
    )
    is_paid = items["paid"].fillna(0) >= items["amount_ttc_centimes"]
    end = pd.to_datetime(items["last"].where(is_paid, items["write_off_date"])).fillna(AS_OF)
    table = pd.DataFrame({
        "weeks": ((end - pd.to_datetime(items["issue_date"])).dt.days // 7).clip(lower=0) + 1,
        "is_paid": is_paid.astype(int),
        "segment": items["segment_code"],
        "middle": items["amount_ttc_centimes"].between(20_000, 99_999).astype(float),
        "large": (items["amount_ttc_centimes"] >= 100_000).astype(float),
    })  # fmt: skip
    CoxPHFitter().fit(table, "weeks", "is_paid", strata=["segment"])
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"cpu_s": used.ru_utime + used.ru_stime, "wall_s": time.perf_counter() - begun, "peak_mib": used.ru_maxrss / 1024}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main()
