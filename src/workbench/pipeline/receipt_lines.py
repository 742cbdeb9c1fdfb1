"""Which line of the cash plan a receipt of customers belongs to: by segment, service and channel, from `data/reference/receipt_lines.csv`.

The accounts are in no file: they are those that got the line's money lately, see `account_shares`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import SchemaError
from workbench.schemas.columns import CHANNELS, NO_CASH_CHANNELS, SEGMENTS
from workbench.standards import reference_folder, rows_of_file

Floats = npt.NDArray[np.float64]
_COLUMNS = ["segment_code", "service_code", "channel_code", "line_code", "source"]
LATELY_DAYS = 365  # flows that say which account gets the money of a line
UNCLASSIFIED = "unclassified"


@dataclass(frozen=True)
class ReceiptLines:
    """The lines by (segment, service, channel); an empty service stands for every one that has no row of its own."""

    by_kind: dict[tuple[str, str, str], str]

    def line_of(self, segment: str, service: str, channel: str) -> str:
        """The line of a receipt, `unclassified` where no row says it. A payer without a segment is on the line that every segment
        has for the channel, if they all have the same."""
        if segment:
            for asked in (service, ""):
                if found := self.by_kind.get((segment, asked, channel)):
                    return found
            return UNCLASSIFIED
        lines = {line for (_, asked, of), line in self.by_kind.items() if of == channel and not asked}
        return lines.pop() if len(lines) == 1 else UNCLASSIFIED

    def groups(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        """Channels and the lines that they feed, in groups that share neither a channel nor a line, in the order of the names."""
        groups: list[tuple[set[str], set[str]]] = []
        for (_, _, channel), line in sorted(self.by_kind.items()):
            touched = [group for group in groups if channel in group[0] or line in group[1]]
            channels, lines = {channel}, {line}
            for group in touched:
                channels |= group[0]
                lines |= group[1]
                groups.remove(group)
            groups.append((channels, lines))
        return sorted(((frozenset(c), frozenset(n)) for c, n in groups), key=lambda group: min(group[0]))


def load_receipt_lines(path: Path | None = None) -> ReceiptLines:
    """The mapping of the reference folder, or of another CSV (`segment_code,service_code,channel_code,line_code,source`).

    Raises `SchemaError` (file:line) for an unknown segment, a channel that is none or brings no cash, a missing line or source, or a
    kind of receipt given twice.
    """
    path = path or reference_folder() / "receipt_lines.csv"
    found: dict[tuple[str, str, str], str] = {}
    for where, row in rows_of_file(path, _COLUMNS):
        _check(row, where)
        kind = (row["segment_code"], row["service_code"], row["channel_code"])
        if kind in found:
            raise SchemaError(f"{' / '.join(kind)} is given twice", where, "keep one row a kind of receipt")
        found[kind] = row["line_code"]
    return ReceiptLines(found)


def _check(row: dict[str, str], where: str) -> None:
    cash = [name for name in CHANNELS if name not in NO_CASH_CHANNELS]
    for name, known in (("segment_code", SEGMENTS), ("channel_code", cash)):
        if row[name] not in known:
            raise SchemaError(f"« {row[name]} » is no {name}", where, f"known: {', '.join(known)}")
    if not row["line_code"] or not row["source"]:
        raise SchemaError("line_code or source is missing", where, "fill both")


def account_shares(
    flows: pd.DataFrame, as_of: date, keys: pd.DataFrame, weights: Floats
) -> tuple[pd.DataFrame, Floats]:
    """The accounts that get each kind of receipt, from what they got of its line in the year to `as_of`.

    Parameters
    ----------
    flows
        History as from `cash.daily_flows`: `account_number`, `directorate_code`, `line_code`, `currency_code`, `flow_date`,
        `amount_centimes`.
    keys
        A row a kind of receipt: `line_code`, `directorate_code` (empty: not known), `currency_code`; `weights` what each brings.

    Returns
    -------
    The accounts (`line_code`, `currency_code`, `account_number`) and the share of each in each row of `keys`, shape (keys, accounts);
    rows sum to 1, or to nothing where no account got the line lately.

    Notes
    -----
    Accounts of a directorate get its receipts. An account of nobody's directorate that the line uses (the Treasury's, the centre's)
    gets a part of every directorate's, as large as its own part in the line.
    """
    accounts = _accounts_lately(flows, as_of)
    amount = accounts["amount"].to_numpy(np.float64)[None, :]
    amount = np.where(_same(keys, accounts, "line_code") & _same(keys, accounts, "currency_code"), amount, 0.0)
    known = set(keys["directorate_code"]) - {""}
    is_shared = ~accounts["directorate_code"].isin(known).to_numpy()
    own = np.where(_same(keys, accounts, "directorate_code"), amount, 0.0)
    taken = own + np.where(is_shared, amount, 0.0) * _parts_of_lines(keys, weights)[:, None]
    is_told = (taken.sum(axis=1) > 0) & (keys["directorate_code"] != "").to_numpy()
    taken = np.where(is_told[:, None], taken, amount)
    total = taken.sum(axis=1, keepdims=True)
    names = ["line_code", "currency_code", "account_number"]
    return accounts[names], np.where(total > 0, taken / np.where(total > 0, total, 1.0), 0.0)


def _accounts_lately(flows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What each account got of each line in the year to `as_of`; one that gave back more than it got is none."""
    day = flows["flow_date"]
    lately = flows[(day <= pd.Timestamp(as_of)) & (day > pd.Timestamp(as_of) - pd.Timedelta(days=LATELY_DAYS))]
    names = ["line_code", "currency_code", "account_number", "directorate_code"]
    got = lately[names[:-1]].assign(
        directorate_code=lately["directorate_code"].fillna(""), amount=lately["amount_centimes"].astype("float64")
    )
    accounts = got.groupby(names, sort=True)["amount"].sum().reset_index()
    return accounts[accounts["amount"] > 0].reset_index(drop=True)


def _same(keys: pd.DataFrame, accounts: pd.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = keys[name].to_numpy(object)[:, None] == accounts[name].to_numpy(object)[None, :]
    return same


def _parts_of_lines(keys: pd.DataFrame, weights: Floats) -> Floats:
    """The part of each row's directorate in what its line expects; nil where the line expects nothing."""
    rows = keys[["line_code", "currency_code", "directorate_code"]].assign(weight=weights)
    ours = rows.groupby(["line_code", "currency_code", "directorate_code"])["weight"].transform("sum").to_numpy()
    whole = rows.groupby(["line_code", "currency_code"])["weight"].transform("sum").to_numpy()
    parts: Floats = np.where(whole > 0, ours / np.where(whole > 0, whole, 1.0), 0.0)
    return parts
