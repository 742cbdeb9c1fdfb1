"""The tables of a made-up office as an import would bring them, made in memory: thousands of customers in seconds, without faults."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.demo.bank_flows import BankBook
from workbench.demo.bank_kinds import KINDS
from workbench.demo.billing import SERVICES
from workbench.demo.customers import Customers
from workbench.demo.faults import Faults
from workbench.demo.places import CENTERS, DIRECTORATES, FOUNDED, Columns, center_code, directorate_code, unit_rows
from workbench.demo.receipts import Month, happenings
from workbench.schemas.columns import CHANNELS, SEGMENTS

# The line of the plan of a bank line, by its kind; transfers are told apart by their payer.
_LINES = {
    "cash": "receipts_counters",
    "cheque": "receipts_counters",
    "cheque_back": "receipts_counters",
    "operator": "receipts_electronic",
    "electronic": "receipts_electronic",
    "direct_debit": "receipts_electronic",
    "debit_back": "receipts_electronic",
}


_NOTHING = {name: np.zeros(0, np.int64) for name in ("invoice", "customer", "ttc", "ht")} | {
    "day": np.array([], "datetime64[D]")
}


class NoFaults(Faults):
    """An office in which nothing is planted but its customers' ways."""

    def days_held(self, agency: np.ndarray, day: np.ndarray, is_cash: np.ndarray) -> np.ndarray:
        return np.zeros(len(day), np.int64)

    def in_lines(self, lines: Columns, month: int) -> Columns:
        return lines


@dataclass(frozen=True)
class Made:
    """An office as tables of `schemas.tables`, and the flows that reached its banks."""

    office: Customers

    @cached_property
    def months(self) -> list[Month]:
        return list(happenings(self.office))

    def _joined(self, name: str) -> Columns:
        parts = [getattr(month, name) for month in self.months if getattr(month, name)]
        if not parts:
            return _NOTHING
        return {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        bills, paid = self._joined("invoices"), self._joined("payments")
        credits, offs = self._joined("credits"), self._joined("write_offs")
        centers = np.array([center_code(n) for n in range(CENTERS)])
        invoices = pd.DataFrame(
            {
                "invoice_id": ids("F", bills["number"]),
                "customer_code": ids("", bills["customer"], 8),
                "center_code": centers[bills["center"]],
                "segment_code": np.array(SEGMENTS)[bills["segment"]],
                "service_code": np.array(SERVICES)[bills["service"]],
                "issue_date": dates(bills["issue"]),
                "due_date": dates(bills["due"]),
                "amount_ttc_centimes": bills["ttc"],
                "amount_ht_centimes": bills["ht"],
                "currency_code": "MAD",
                "source_invoice_id": pd.Series(None, index=range(len(bills["ttc"])), dtype="str"),
                "cancelled_date": pd.Series(pd.NaT, index=range(len(bills["ttc"])), dtype="datetime64[s]"),
            }
        )
        payments = pd.DataFrame(
            {
                "payment_id": ids("R", paid["number"]),
                "customer_code": ids("", paid["customer"], 8),
                "center_code": centers[paid["center"]],
                "receipt_date": dates(paid["day"]),
                "channel_code": np.array(CHANNELS)[paid["channel"]],
                "amount_centimes": paid["amount"],
                "currency_code": "MAD",
                "bounced_date": dates(paid["bounced"]),
            }
        )
        allocations = payments[["payment_id", "amount_centimes", "currency_code"]].assign(
            allocation_id=payments["payment_id"],
            invoice_id=ids("F", paid["invoice"]),
            allocation_date=payments["receipt_date"],
        )
        return {
            "invoices": invoices,
            "payments": payments,
            "allocations": allocations,
            "credit_notes": credited(credits),
            "write_offs": written_off(offs),
            "customers": self.customers,
            "units": pd.DataFrame(
                [(row[0], row[1], row[2], pd.Timestamp(row[4]), pd.Timestamp(row[5])) for row in unit_rows()],
                columns=["unit_code", "unit_level_code", "parent_unit_code", "valid_from_date", "valid_to_date"],
            ),
        }

    @cached_property
    def customers(self) -> pd.DataFrame:
        office, everyone = self.office, np.arange(self.office.count)
        moved = np.flatnonzero(office.cut_day <= np.datetime64(office.last_day))
        cut = office.cut_day[moved]
        ends = np.full(len(everyone), np.datetime64("NaT", "D"))
        ends[moved] = cut - 1
        segment = np.concatenate([office.segment, office.segment_on(cut, moved)])
        return pd.DataFrame(
            {
                "customer_code": ids("", np.concatenate([everyone, moved]), 8),
                "segment_code": np.array(SEGMENTS)[segment],
                "valid_from_date": dates(np.concatenate([np.full(len(everyone), np.datetime64(FOUNDED)), cut])),
                "valid_to_date": dates(np.concatenate([ends, np.full(len(moved), np.datetime64("NaT", "D"))])),
            }
        )

    @cached_property
    def flows(self) -> pd.DataFrame:
        """The history of the banks in value, as `cash.daily_flows` gives it, of the lines of receipts."""
        book = BankBook(self.office, NoFaults(self.office.months))
        parts = [pd.DataFrame(book.month(month.index, month.payments)) for month in self.months]
        lines = pd.concat(parts, ignore_index=True)
        kinds = np.array([kind.name for kind in KINDS])[lines["kind"]]
        payer = lines["counterparty"].str.extract(r"CLIENT (\d+)")[0]
        segment = payer.map(self.customers.drop_duplicates("customer_code").set_index("customer_code")["segment_code"])
        by_payer = {"state": "receipts_public", "municipality": "receipts_public", "utility_board": "receipts_bulk"}
        transfers = segment.map(by_payer).fillna("receipts_other").where(kinds == "transfer")
        lines["line_code"] = pd.Series(kinds).map(_LINES).fillna(transfers)
        ours = lines.dropna(subset="line_code")
        rib = np.array([account.rib for account in book.accounts])
        place = ours["account"].to_numpy()
        flows = pd.DataFrame(
            {
                "account_number": rib[place],
                "directorate_code": np.where(place < DIRECTORATES * 3, np.array([directorate_code(min(n // 3, 9)) for n in range(len(rib))])[place], "SIEGE"),
                "line_code": ours["line_code"].to_numpy(),
                "currency_code": "MAD",
                "flow_date": ours["value"].to_numpy("datetime64[D]").astype("datetime64[s]"),
                "amount_centimes": ours["amount"].to_numpy(np.int64),
            }
        )  # fmt: skip
        keys = ["account_number", "directorate_code", "line_code", "currency_code", "flow_date"]
        return flows.groupby(keys, sort=True)["amount_centimes"].sum().reset_index()


def ids(letter: str, numbers: np.ndarray, width: int = 12) -> list[str]:
    return [f"{letter}{number:0{width}d}" for number in numbers.tolist()]


def dates(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[s]")


def credited(rows: Columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "credit_note_id": ids("K", np.arange(len(rows["day"]))),
            "invoice_id": ids("F", rows["invoice"]),
            "customer_code": ids("", rows["customer"], 8),
            "credit_date": dates(rows["day"]),
            "amount_ttc_centimes": rows["ttc"],
            "currency_code": "MAD",
        }
    )


def written_off(rows: Columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "write_off_id": ids("W", np.arange(len(rows["day"]))),
            "invoice_id": ids("F", rows["invoice"]),
            "write_off_date": dates(rows["day"]),
            "amount_centimes": rows["ttc"],
        }
    )
