"""An office with some tables changed, cut or added to: what tests of bad input and of past plans give to a plan."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from workbench import store
from workbench.frames import connection
from workbench.schemas.tables import TABLES

# Since when a row is known, and its dates that are not known before they come.
KNOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "units": ("valid_from_date", ("valid_to_date",)),
    "customers": ("valid_from_date", ("valid_to_date",)),
    "invoices": ("issue_date", ("cancelled_date",)),
    "payments": ("receipt_date", ("bounced_date",)),
    "allocations": ("allocation_date", ()),
    "credit_notes": ("credit_date", ()),
    "write_offs": ("write_off_date", ()),
    "bank_accounts": ("opened_date", ("closed_date",)),
    "account_aliases": ("valid_from_date", ("valid_to_date",)),
    "statements": ("closing_date", ()),
    "statement_days": ("day_date", ()),
    "bank_transactions": ("day_date", ()),
    "planned_flows": ("issued_date", ("settled_date",)),
    "loans": ("signed_date", ("paid_date",)),
    "payment_calendar": ("issued_date", ("paid_date",)),
    "suppliers_due": ("posting_date", ("clearing_date",)),
    "placements": ("start_date", ("closed_date",)),
    "payment_plans": ("signed_date", ("paid_date", "broken_date")),
    "agreements": ("signed_date", ("paid_date",)),
    "credit_lines": ("balance_date", ()),
    "overrides": ("CAST(entered_at AS DATE)", ()),
    "targets": ("valid_from_date", ()),
}


class ChangedOffice:
    """The tables of an office, those given in the place of its own."""

    def __init__(self, office: Any, tables: Mapping[str, pa.Table]) -> None:
        self.office, self.tables = office, tables
        self.data_import_id = "changed"

    def __getitem__(self, name: str) -> Any:
        return connection().from_arrow(self.tables[name]) if name in self.tables else self.office[name]


class CutOffice:
    """The tables of an office as they stood on a day: no row known later, no date that came later; a row that does not say is not there."""

    def __init__(self, office: Any, day: date) -> None:
        self.office, self.day = office, f"DATE '{day.isoformat()}'"
        self.data_import_id = "cut"

    def __getitem__(self, name: str) -> Any:
        if name == "forecasts":
            return connection().from_arrow(TABLES[name].arrow.empty_table())
        if name not in KNOWN:
            return self.office[name]
        since, ends = KNOWN[name]
        known = self.office[name].filter(f"{since} <= {self.day}")
        columns = (f"CASE WHEN {c} <= {self.day} THEN {c} END AS {c}" if c in ends else c for c in TABLES[name].columns)
        return known.project(", ".join(columns))


def read(office: Any, name: str) -> pd.DataFrame:
    """A table as pandas, with dates of Python, to be changed and given back to `typed`."""
    frame: pd.DataFrame = (
        office[name].to_arrow_table().to_pandas(date_as_object=True, types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    )
    return frame


def typed(frame: pd.DataFrame, name: str) -> pa.Table:
    """A table of the store's schema from pandas."""
    return pa.Table.from_pandas(frame, schema=TABLES[name].arrow, preserve_index=False)


def with_row(office: store.Office | ChangedOffice, name: str, **row: Any) -> pa.Table:
    """A table and one row more; what is not given is null."""
    one = pa.Table.from_pylist([{**dict.fromkeys(TABLES[name].columns), **row}], schema=TABLES[name].arrow)
    return pa.concat_tables([office[name].to_arrow_table().cast(TABLES[name].arrow), one])
