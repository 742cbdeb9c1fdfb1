"""Bank lines put on the lines of the cash plan: by dated rules, never by a guess, and nothing lost on the way.

A line of which both legs are own accounts is eliminated (`own_transfer`); what no rule takes stays `unclassified`, with its amount.
Flows count in value: on the value date, moved to the next bank day where banks are closed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.cash.lines.flow_rules import OWN_TRANSFER, UNCLASSIFIED, FlowRule
from workbench.cash.lines.label_shapes import Codes, coded, coded_by, plain_capitals, shapes_of, texts
from workbench.cash.lines.value_dates import usable_days
from workbench.cash.own_transfers import own_transfers
from workbench.frames import table_function, to_pandas
from workbench.standards import BankDays

_ACCOUNT = ["account_number", "currency_code"]
_LINE = [
    "account_number", "currency_code", "day_date", "day_rank", "format_code", "booking_date", "value_date", "amount_centimes",
    "operation_code", "label", "reference", "counterparty", "details",
]  # fmt: skip
# Where a bank that has no field for the other party writes it: CFONB names it behind a qualifier, others in the label.
_NAMED_IN_DETAILS = r"(?m)^(?:NPY|NBE)\s*(?P<party>\S.*)$"
_NAMED_IN_LABEL = r"(?i)\b(?P<party>CLIENT [0-9A-Z]+)\b"
_KEYS = ["account_number", "line_code", "currency_code"]
Truths = npt.NDArray[np.bool_]


@table_function
def booked_lines(
    bank_transactions: nw.LazyFrame[Any],
    others: nw.LazyFrame[Any] | None = None,
    *,
    as_of: date,
    start: date | None = None,
) -> nw.LazyFrame[Any]:
    """The lines that count: booked, not superseded, up to `as_of` (and from `start`, where given), with what rules read.

    `bank_transactions` with `account_number` (`banking.resolve`). `others` (`other_names`): names of an account that do not count
    on a day, nor their lines: each movement counts once. Sorted by account, currency, day and rank.
    """
    day = nw.col("day_date")
    counted = bank_transactions.filter(~nw.col("is_superseded"), ~nw.col("is_interim"), day <= as_of)
    if start is not None:
        counted = counted.filter(day >= start)
    if others is not None:
        key = [*_ACCOUNT, "day_date", "account_identifier"]
        counted = counted.join(others.select(*key), on=key, how="anti")
    return counted.select(*_LINE).sort(*_ACCOUNT, "day_date", "day_rank")


def classify(
    lines: Any,
    rules: Sequence[FlowRule],
    accounts: Any,
    counterparties: Any = None,
    references: Any = None,
) -> pd.DataFrame:
    """Put every line on one line of the plan, or say that no rule does.

    Parameters
    ----------
    lines
        As from `booked_lines`. Legs of own transfers are looked for among them, unless they bear `pair_code` already.
    rules
        As from `load_rules`; a rule holds for the lines whose `day_date` is in its span.
    accounts
        Own accounts: `account_number`, `role_code` (`banking.describe`).
    counterparties
        `counterparty` as banks write it, `segment_code`, `valid_from_date`, `valid_to_date`: who the payers are that the office
        knows. A name of two segments on one day is of none.
    references
        `reference`, `segment_code`, `service_code`: what a payment is that the office booked itself; goes before the name.

    Returns
    -------
    `lines` in their order, with `pair_code`, `pair_number`, `segment_code`, `service_code` (null: not known), `line_code` (a line
    of the plan, `own_transfer` for paired legs, else `unclassified`) and `rule_id` (null: no rule).
    """
    table = to_pandas(lines).reset_index(drop=True)
    known = to_pandas(accounts)
    if "pair_code" not in table.columns:
        table = own_transfers(table, set(known["account_number"]))
    party = _parties(table)
    table = table.assign(**_payers(table, party, counterparties, references))
    is_own = (table["pair_code"] == "paired").fillna(False).to_numpy(bool)
    found = _first_rules(_Asked(table, known, party), rules, ~is_own)
    lines_of = np.array([*(rule.line_code for rule in rules), UNCLASSIFIED], object)
    ids = np.array([*(rule.rule_id for rule in rules), None], object)
    codes = np.where(is_own, OWN_TRANSFER, lines_of[found])
    return table.assign(line_code=pd.array(codes, dtype="str"), rule_id=pd.array(ids[found], dtype="str"))


class _Asked:
    """What rules ask of lines, each column as places among its distinct values, so that a value is compared once."""

    def __init__(self, table: pd.DataFrame, accounts: pd.DataFrame, party: tuple[Codes, list[str]]) -> None:
        self.days = table["day_date"].to_numpy("datetime64[D]")
        self.amounts = table["amount_centimes"].to_numpy(np.int64)
        roles = dict(zip(accounts["account_number"], accounts["role_code"], strict=True))
        numbers = coded(table["account_number"])
        self.columns = {
            "account_number": numbers,
            "account_role": (numbers[0], [str(roles.get(number, "")) for number in numbers[1]]),
            "label_pattern": shapes_of(table["label"]),
            "counterparty_pattern": party,
            **{name: coded(table[name]) for name in ("format_code", "operation_code", "segment_code", "service_code")},
        }

    def holds(self, name: str, asked: str, rows: Codes) -> Truths:
        """Whether each of some rows has what a rule asks of a column."""
        codes, words = self.columns[name]
        if name.endswith("_pattern"):
            wanted = np.asarray(pc.match_substring_regex(pa.array(words, pa.string()), asked), bool)
        else:
            wanted = np.array([word == asked for word in words], bool)
        return wanted[codes[rows]] if wanted.any() else np.zeros(len(rows), bool)


def _first_rules(asked: _Asked, rules: Sequence[FlowRule], is_open: Truths) -> Codes:
    """The place of the first rule that holds for each row, −1 where none does. Rows found are asked nothing more."""
    found = np.full(len(is_open), -1, np.int64)
    left = np.flatnonzero(is_open)
    for place, rule in enumerate(rules):
        rows = left
        for name, value in rule.asked.items():
            rows = rows[asked.holds(name, value, rows)]
        if len(rows):
            rows = rows[_in_span(asked, rule, rows)]
            found[rows] = place
            left = left[found[left] < 0]
    return found


def _in_span(asked: _Asked, rule: FlowRule, rows: Codes) -> Truths:
    days, amounts = asked.days[rows], asked.amounts[rows]
    holds: Truths = days >= np.datetime64(rule.valid_from, "D")
    if rule.valid_to is not None:
        holds &= days <= np.datetime64(rule.valid_to, "D")
    if rule.direction:
        holds &= (amounts > 0) if rule.direction == "in" else (amounts < 0)
    return holds


def _parties(table: pd.DataFrame) -> tuple[Codes, list[str]]:
    """The other party as the bank writes it, in capitals: its own field, else the details that name it, else the label."""
    party = pc.utf8_trim_whitespace(texts(table["counterparty"]))
    party = pc.if_else(pc.equal(party, ""), pa.scalar(None, pa.string()), party)
    for name, pattern in (("details", _NAMED_IN_DETAILS), ("label", _NAMED_IN_LABEL)):
        unnamed = pc.is_null(party)
        told = pc.extract_regex(texts(table[name]).filter(unnamed), pattern)
        party = pc.replace_with_mask(party, unnamed, pc.struct_field(told, "party"))
    return coded_by(*coded(party), plain_capitals)


def _payers(
    table: pd.DataFrame, party: tuple[Codes, list[str]], counterparties: Any, references: Any
) -> dict[str, Any]:
    """Segment and service of each line, from its reference, else (the segment) from the name of its other party on its day."""
    segment = service = pd.Series(pd.NA, index=table.index, dtype="str")
    if references is not None:
        known = to_pandas(references).drop_duplicates("reference")
        written = pc.utf8_trim_whitespace(texts(table["reference"]))
        place = pc.index_in(written, value_set=texts(known["reference"]))
        segment, service = (_series(texts(known[name]).take(place)) for name in ("segment_code", "service_code"))
    if counterparties is not None:
        segment = segment.fillna(_segments_by_name(table["day_date"], party, to_pandas(counterparties)))
    return {"segment_code": segment, "service_code": service}


def _series(column: pa.Array) -> pd.Series:
    return pd.Series(column.to_pandas(), dtype="str")


def _segments_by_name(days: pd.Series, party: tuple[Codes, list[str]], names: pd.DataFrame) -> pd.Series:
    codes, words = party
    places = {word: place for place, word in enumerate(words) if word}
    periods = names.assign(place=[places.get(plain_capitals(str(name)), -1) for name in names["counterparty"]])
    periods = periods.loc[periods["place"] >= 0, ["place", "segment_code", "valid_from_date", "valid_to_date"]]
    rows = pd.DataFrame({"row": np.arange(len(codes)), "place": codes, "day": days.to_numpy()})
    rows = rows[rows["place"].isin(periods["place"])].merge(periods, on="place")
    ends = pd.to_datetime(rows["valid_to_date"])
    held = rows[(pd.to_datetime(rows["valid_from_date"]) <= rows["day"]) & (ends.isna() | (rows["day"] <= ends))]
    held = held[["row", "segment_code"]].drop_duplicates()
    sole = held[~held["row"].duplicated(keep=False)]
    segments = pd.Series(sole["segment_code"].to_numpy(), index=sole["row"].to_numpy(), dtype="str")
    return segments.reindex(np.arange(len(codes))).set_axis(days.index)


def daily_flows(classified: pd.DataFrame, accounts: Any, bank_days: BankDays, as_of: date) -> pd.DataFrame:
    """The history of flows: what came in value by `as_of`, by account, line and bank day; own transfers are left out.

    Parameters
    ----------
    classified
        As from `classify`, of lines booked by `as_of`. Those in value after it are no history, see `flows_on_their_way`.
    accounts
        `account_number`, `directorate_code` (`banking.describe`); an account that is not among them has no directorate.

    Returns
    -------
    Sorted: `account_number`, `directorate_code`, `line_code` (`unclassified` among them), `currency_code`, `flow_date`,
    `amount_centimes`, `line_count`. `flow_date` is the first bank day from the value date on; where that is after `as_of` (a
    closed day), the last bank day before, for the balance in value of `as_of` holds it. A value date that no history can be laid on is
    replaced or left out, see `value_dates`. Raises `OutsideSpan` where the calendar does not cover `as_of`.
    """
    last = bank_days.add(bank_days.add(as_of, 1), -1)
    return _daily(classified, classified["value_date"] <= pd.Timestamp(as_of), accounts, bank_days, last)


def flows_on_their_way(classified: pd.DataFrame, accounts: Any, bank_days: BankDays, as_of: date) -> pd.DataFrame:
    """Lines booked by `as_of` that come in value after it: known flows, as `daily_flows` shows those of the past."""
    return _daily(classified, classified["value_date"] > pd.Timestamp(as_of), accounts, bank_days, None)


def _daily(
    classified: pd.DataFrame, chosen: pd.Series, accounts: Any, bank_days: BankDays, last: date | None
) -> pd.DataFrame:
    columns = [*_KEYS, "day_date", "value_date", "amount_centimes"]
    flows = classified.loc[chosen & (classified["line_code"] != OWN_TRANSFER), columns]
    counted = usable_days(flows, bank_days)
    flows, counted = flows[~np.isnat(counted)], counted[~np.isnat(counted)]
    days, places = np.unique(counted, return_inverse=True)
    moved = [bank_days.add(day, 0) for day in days.tolist()]
    moved_days = np.array(moved if last is None else [min(day, last) for day in moved], "datetime64[D]")
    # Added up by places among the distinct texts, which are looked up again in the few rows that are left.
    texts_of = {name: coded(flows[name]) for name in _KEYS}
    parts = {name: codes for name, (codes, _) in texts_of.items()}
    parts |= {"flow_date": moved_days[places], "amount_centimes": flows["amount_centimes"].to_numpy(np.int64)}
    grouped = pd.DataFrame(parts).groupby([*_KEYS, "flow_date"], sort=False)["amount_centimes"]
    table = grouped.agg(amount_centimes="sum", line_count="size").astype("Int64").reset_index()
    for name, (_, words) in texts_of.items():
        table[name] = pd.array([words[place] for place in table[name]], dtype="str")
    table["flow_date"] = table["flow_date"].astype("datetime64[ms]")
    known = to_pandas(accounts)[["account_number", "directorate_code"]]
    table = table.merge(known, on="account_number", how="left").sort_values([*_KEYS, "flow_date"], ignore_index=True)
    return table[["account_number", "directorate_code", "line_code", "currency_code", "flow_date", "amount_centimes", "line_count"]]  # fmt: skip


def flow_totals(classified: pd.DataFrame) -> pd.DataFrame:
    """What each line of the plan got, a row a line and currency: `line_count`, `receipt_centimes`, `disbursement_centimes` (negative),
    `amount_centimes`; `unclassified` and `own_transfer` are shown as lines."""
    amount = classified["amount_centimes"].astype("Int64")
    signed = classified[["line_code", "currency_code"]].assign(
        line_count=1, receipt_centimes=amount.clip(lower=0), disbursement_centimes=amount.clip(upper=0), amount_centimes=amount
    )  # fmt: skip
    return signed.groupby(["line_code", "currency_code"], sort=True).sum().astype("Int64").reset_index()


def lines_tie(classified: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """The proof that no amount is lost: classified + unclassified + own transfers + unexplained = change of the booked balance.

    `steps` as from `balance_steps` of the same lines: all those of the account, from its first day on. A row an account and
    currency: `classified_centimes`, `unclassified_centimes`, `own_transfer_centimes`, `gap_centimes` (missing statements: no line tells
    them), `change_centimes` (last closing − first opening), `difference_centimes`: nil, or the page does not hold.
    """
    group = classified["line_code"].map({UNCLASSIFIED: UNCLASSIFIED, OWN_TRANSFER: OWN_TRANSFER}).fillna("classified")
    sums = classified.assign(group=group).groupby([*_ACCOUNT, "group"])["amount_centimes"].sum().unstack("group")
    names = ["classified", UNCLASSIFIED, OWN_TRANSFER]
    sums = sums.reindex(columns=names).set_axis([f"{name}_centimes" for name in names], axis=1)
    ordered = steps.sort_values([*_ACCOUNT, "day_date"]).groupby(_ACCOUNT)
    change = ordered["booked_centimes"].last() - ordered["entered_centimes"].sum()
    told = pd.DataFrame({"gap_centimes": ordered["gap_centimes"].sum(), "change_centimes": change})
    tied = sums.join(told, how="outer").astype("Int64").fillna(0)
    parts = tied[[*sums.columns, "gap_centimes"]].sum(axis=1)
    return tied.assign(difference_centimes=tied["change_centimes"] - parts).astype("Int64").reset_index()
