"""The sheet of a Monday: its facts, findings, tables and equalities, from the list that `pipeline.monday` brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.money import estimated_centimes
from workbench.schemas.facts import Status

LIST_KINDS = {
    "place": "count", "age_days": "count", "left_days": "count", "gain_mad": "mad_unit", "alone_mad": "mad_unit", "acted_mad": "mad_unit", "act_code": "code", "last_act_code": "code", "reason_code": "code",
    "left_out_code": "code", "after_days": "count", "wait_days": "count", "added_share": "pct0", "act_rank": "count", "nature_code": "code", "segment_code": "code",
}  # fmt: skip
LIST_SHOWN = ["place", "customer_name", "segment_code", "due_centimes", "age_days", "reason_code", "last_act_code", "last_act_date", "last_date", "act_code", "alone_mad", "gain_mad"]  # fmt: skip
NEAR_DAYS = 30


@dataclass(frozen=True)
class MondaySheet:
    """`items`: `worklist.monday_items`; `names`: `worklist.monday_names` with `customer_name`; `acts`: the ladder of acts in force; `owed_centimes`: all that is owed, from the items alone."""

    as_of: date
    currency_code: str
    items: pd.DataFrame
    names: pd.DataFrame
    acts: pd.DataFrame
    is_illustrative: bool
    smallest_centimes: int
    is_limit_confirmed: bool
    owed_centimes: int

    @property
    def listed(self) -> pd.DataFrame:
        """The names of the list."""
        return self.names[self.names["place"].notna()]


def monday_findings(sheet: MondaySheet) -> dict[str, Any]:
    """Values of the sentences of the page; hundredths, counts, days."""
    listed, names = sheet.listed, sheet.names
    gain, alone = (int(_centimes(listed[f"{name}_mad"]).sum()) for name in ("gain", "alone"))
    near = listed[(listed["left_days"] <= NEAR_DAYS).fillna(False)]
    first = listed.sort_values("gain_mad", ascending=False, kind="stable").head(1)
    actable = int(names["due_centimes"].sum())
    return {
        "as_of": sheet.as_of,
        "currency": sheet.currency_code,
        "owed": sheet.owed_centimes,
        "actable": actable,
        "listed": int(listed["due_centimes"].sum()),
        "names": len(listed),
        "agencies": int(listed["agency_code"].nunique(dropna=False)),
        "gain": gain,
        "alone": alone,
        "near": len(near),
        "near_owed": int(near["due_centimes"].sum()),
        "left_out": len(names) - len(listed),
        "smallest": sheet.smallest_centimes,
        "lapsed": int(sheet.items.loc[sheet.items["left_out_code"] == "lapsed", "outstanding_centimes"].sum()),
        "first_name": None if first.empty else str(first["customer_name"].iloc[0]),
        "first_gain": None if first.empty else int(_centimes(first["gain_mad"])[0]),
    }


def _centimes(estimates: pd.Series) -> npt.NDArray[np.int64]:
    """Estimates as whole centimes, each rounded once, so that their sums agree everywhere; what is not known adds nothing."""
    return estimated_centimes(estimates.fillna(0.0).to_numpy(np.float64))


def monday_tone(sheet: MondaySheet, said: Mapping[str, Any]) -> dict[str, str]:
    """Which sentence of several each block takes."""
    return {
        "verdict": "some" if said["names"] else "none",
        "near": "some" if said["near"] else "none",
        "near_status": "alert" if said["near"] else "ok",
        "effects": "illustrative" if sheet.is_illustrative else "measured",
        "limits": "confirmed" if sheet.is_limit_confirmed else "to_confirm",
    }


def monday_status(said: Mapping[str, Any]) -> Status:
    """What the index of reports shows: a claim about to lapse is an alert."""
    return "alert" if said["near"] else "watch" if said["names"] else "ok"


def monday_tables(sheet: MondaySheet) -> dict[str, pd.DataFrame]:
    """`agencies`: a row an agency; `left_out`: a row a reason, of items then of names; `acts`: the ladder; `names`: every name of the list by agency."""
    return {
        "agencies": _agencies(sheet),
        "left_out": left_out(sheet),
        "acts": sheet.acts,
        "names": _names(sheet),
    }


def _names(sheet: MondaySheet) -> pd.DataFrame:
    """The list; a name that nobody acted upon yet says so."""
    table = sheet.listed[["agency_code", *LIST_SHOWN, "customer_code", "acted_mad"]].reset_index(drop=True)
    return table.assign(last_act_code=table["last_act_code"].fillna("none"))


def _agencies(sheet: MondaySheet) -> pd.DataFrame:
    listed = sheet.listed
    near = (listed["left_days"] <= NEAR_DAYS).fillna(False)
    table = listed.assign(near_count=near.astype("int64"), gain_centimes=_centimes(listed["gain_mad"]))
    groups = table.groupby("agency_code", dropna=False, sort=True)
    found = groups.agg(
        name_count=("customer_code", "size"),
        due_centimes=("due_centimes", "sum"),
        near_count=("near_count", "sum"),
        gain_centimes=("gain_centimes", "sum"),
    )
    return found.reset_index().sort_values("gain_centimes", ascending=False, kind="stable", ignore_index=True)


def left_out(sheet: MondaySheet) -> pd.DataFrame:
    """What is owed and is not on the list, by reason: `left_out_code`, `row_count` (bills of items, names of customers), `amount_centimes`."""
    items = sheet.items[sheet.items["left_out_code"].notna()]
    names = sheet.names[sheet.names["left_out_code"].notna()]
    parts = []
    for table, amount in ((items, "outstanding_centimes"), (names, "due_centimes")):
        groups = table.groupby("left_out_code", sort=True)[amount]
        parts.append(
            pd.DataFrame({"row_count": groups.size(), "amount_centimes": groups.sum().astype("int64")}).reset_index()
        )
    return pd.concat(parts, ignore_index=True)


def monday_card_rows(said: Mapping[str, Any]) -> dict[str, list[tuple[str, Any, str]]]:
    """The lines under the cards: (label, value, kind)."""
    share = said["listed"] / said["owed"] if said["owed"] else None
    return {
        "listed": [("row_names", said["names"], "count"), ("row_agencies", said["agencies"], "count")],
        "gain": [("row_alone", said["alone"], "mdh")],
        "near": [("row_near_owed", said["near_owed"], "mdh"), ("row_lapsed", said["lapsed"], "mdh")],
        "owed": [("row_actable", said["actable"], "mdh"), ("row_share", share, "pct0")],
    }


def monday_ties(sheet: MondaySheet, said: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other)."""
    shown = monday_tables(sheet)
    return [
        (
            "listed + left out = owed",
            said["listed"] + int(shown["left_out"]["amount_centimes"].sum()),
            sheet.owed_centimes,
        ),
        ("agencies = names listed", int(shown["agencies"]["due_centimes"].sum()), said["listed"]),
        ("gain of agencies = gain of names", int(shown["agencies"]["gain_centimes"].sum()), said["gain"]),
        ("names by agency = names", int(shown["agencies"]["name_count"].sum()), said["names"]),
    ]
