"""What the made-up commercial system sends: customers once, then bills, receipts, credits, write-offs and disputes a month.

A receipt that comes back after its month was sent is sent again with the day it came back, a dispute with the day it ended.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.demo.customers import HOUSEHOLD, Customers
from workbench.demo.delimited import amounts, coded, days, numbered, write_delimited
from workbench.demo.places import CENTERS, FOUNDED, NEVER, Array, Columns, center_code, month_start, month_text
from workbench.demo.receipts import Month

SEGMENT_CODES = ("PART", "COM", "ETAT", "CNE", "REG", "SRM")  # in the order of SEGMENTS
SERVICE_CODES = ("EAU", "EAU-GROS", "TRAVAUX", "PARTICIPATION")  # in the order of SERVICES
CHANNEL_CODES = ("ESP", "OPE", "ELE", "CHQ", "PRE", "VIR", "VIG", "CMP")  # in the order of CHANNELS
DISPUTE_LASTS = 120  # days
_CENTERS = [center_code(n) for n in range(CENTERS)]


def customer_codes(customers: Array) -> pa.Array:
    """Eight digits."""
    return numbered("", customers, 8)


def centers(places: Array) -> pa.Array:
    """Codes of centres."""
    return coded(places, _CENTERS)


def write_customers(inbox: Path, office: Customers) -> None:
    """Every customer in a period of validity: those of an area handed over have two."""
    everyone = np.arange(office.count)
    moved = np.flatnonzero(office.cut_day < min(NEVER, month_start(office.months)))
    after = office.cut_day[moved]
    who = np.concatenate([everyone, moved])
    first = np.concatenate([np.full(office.count, np.datetime64(FOUNDED)), after])
    last = np.full(len(who), np.datetime64("NaT", "D"))
    last[moved] = after - 1
    segment = np.concatenate([office.segment, office.segment_on(after, moved)])
    center = np.concatenate([office.center, office.center_on(after, moved)])
    header = ("Client", "Catégorie", "Centre", "Depuis", "Jusqu'au")
    columns = (customer_codes(who), coded(segment, SEGMENT_CODES), centers(center), days(first), days(last))
    write_delimited(inbox / "SIC_CLIENTS.csv", header, columns)


class SalesFiles:
    """Writes the files of each month; remembers the receipts that may still come back and the disputes that may still end."""

    def __init__(self, inbox: Path, office: Customers) -> None:
        self.inbox, self.office = inbox, office
        self._pending: Columns = {}
        self._disputed: Columns = {}

    def write(self, month: Month, invoices: Columns, payments: Columns) -> None:
        """The files of a month. `invoices` and `payments` are those of the month, with what was planted in them."""
        self._invoices(month.index, invoices)
        self._payments(month.index, payments)
        self._rest(month)

    def _path(self, name: str, month: int) -> Path:
        return self.inbox / f"SIC_{name}_{month_text(month)}.csv"

    def _invoices(self, month: int, bills: Columns) -> None:
        header = (
            "N° facture", "Client", "Centre", "Catégorie", "Prestation", "Date facture", "Échéance", "Montant HT", "Montant TTC",
            "Annulée le",
        )  # fmt: skip
        columns = (
            numbered("F", bills["number"], 12), customer_codes(bills["customer"]), centers(bills["center"]),
            coded(bills["segment"], SEGMENT_CODES), coded(bills["service"], SERVICE_CODES),
            days(bills["issue"]), days(bills["due"]), amounts(bills["ht"]), amounts(bills["ttc"]), days(bills["cancelled"]),
        )  # fmt: skip
        write_delimited(self._path("FACTURES", month), header, columns)

    def _payments(self, month: int, payments: Columns) -> None:
        after = month_start(month + 1)
        sent = dict(payments)
        if self._pending:
            back = self._pending["bounced"] < after
            again = {name: column[back] for name, column in self._pending.items()}
            sent = {n: np.concatenate([again[n], payments[n]]) for n in again} if payments else again
        if payments:
            late = payments["bounced"] >= after
            self._pending = {name: column[late] for name, column in payments.items()}
        if not sent or not len(sent["number"]):
            return
        bounced = np.where(sent["bounced"] < after, sent["bounced"], np.datetime64("NaT", "D"))
        header = ("N° règlement", "Client", "Centre", "Date", "Montant", "Canal", "N° facture", "Rejeté le")
        named = pa.array(sent["is_named"])
        bill = numbered("F", sent["invoice"], 12)
        columns = (
            numbered("R", sent["number"], 12), customer_codes(sent["customer"]), centers(sent["center"]),
            days(sent["day"]), amounts(sent["amount"]), coded(sent["channel"], CHANNEL_CODES),
            pc.if_else(named, bill, pa.scalar(None, pa.string())), days(bounced),
        )  # fmt: skip
        write_delimited(self._path("REGLEMENTS", month), header, columns)

    def _rest(self, month: Month) -> None:
        if rows := month.credits:
            relief = (rows["segment"] == HOUSEHOLD).astype(np.int64)  # a leak, most of the time
            header = ("N° avoir", "N° facture", "Client", "Nature", "Date", "Montant HT", "Montant TTC")
            columns: Any = (
                numbered("V", rows["invoice"], 12), numbered("F", rows["invoice"], 12), customer_codes(rows["customer"]),
                coded(relief, ("AVOIR", "DEGREVEMENT")), days(rows["day"]), amounts(rows["ht"]), amounts(rows["ttc"]),
            )  # fmt: skip
            write_delimited(self._path("AVOIRS", month.index), header, columns)
        if rows := month.write_offs:
            columns = (
                numbered("N", rows["invoice"], 12),
                numbered("F", rows["invoice"], 12),
                days(rows["day"]),
                amounts(rows["ttc"]),
            )
            write_delimited(
                self._path("NONVALEURS", month.index), ("N° décision", "N° facture", "Date", "Montant"), columns
            )
        self._disputes(month.index, month.disputes)

    def _disputes(self, month: int, opened: Columns) -> None:
        """Disputes opened in a month, and those closed in it, sent again with the day: one in two is settled, its bill still owed."""
        after = month_start(month + 1)
        none = {"invoice": np.zeros(0, np.int64), "day": np.zeros(0, "datetime64[D]")}
        new = {name: opened[name] if opened else column for name, column in none.items()}
        known = {name: np.concatenate([self._disputed.get(name, none[name]), new[name]]) for name in none}
        ends = np.where(known["invoice"] % 2 == 0, known["day"] + DISPUTE_LASTS, np.datetime64("NaT", "D"))
        settled = ends < after
        sent = settled.copy()
        sent[len(known["day"]) - len(new["day"]) :] = True
        self._disputed = {name: column[~settled] for name, column in known.items()}
        if not sent.any():
            return
        bill = known["invoice"][sent]
        closed = np.where(settled, ends, np.datetime64("NaT", "D"))[sent]
        columns = (numbered("L", bill, 12), numbered("F", bill, 12), days(known["day"][sent]), days(closed))
        write_delimited(self._path("LITIGES", month), ("N° litige", "N° facture", "Ouvert le", "Clos le"), columns)
