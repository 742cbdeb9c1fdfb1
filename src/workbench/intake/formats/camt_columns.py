"""Texts of camt entries as columns of `read_lines`: amounts, dates and labels of thousands of lines read together.

`CdtDbtInd` says what an entry does to the balance, reversals included: `RvslInd` never turns the sign, it only says on which side
the other party stands (ISO 20022, camt.053 message definition report).
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.camt_shapes import FIELDS
from workbench.intake.formats.statement_proof import LINES, LONGEST_FIELD
from workbench.money import LARGEST, centimes_column, read_centimes

SIGNS = {"CRDT": 1, "DBIT": -1}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}
_NO_REFERENCE = pa.array(["", "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF"])
_REFERENCES = (
    "end_to_end",
    "payment",
    "message",
    "detail_reference",
    "bank_reference",
    "structured",
    "entry_reference",
)
_LABELS = ("own_text", "remittance", "structured", "additional")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#13;", " "), ("&#xD;", " "), ("&amp;", "&"))
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T[0-9:.]+)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)

Fault = tuple[int, str, dict[str, str]]  # row, code of the problem, its values


def civil(text: str) -> date | None:
    """The civil date of an ISO date or instant, as the bank wrote it; None of an empty text. `ValueError` where it is none."""
    if not text:
        return None
    if not (found := _DAY.fullmatch(text)):
        raise ValueError(text)
    return date.fromisoformat(found[1])


def centimes(text: str) -> int:
    """Hundredths of an amount as ISO 20022 writes it: digits, a point, no sign. `AmountError` where it is none."""
    amount = read_centimes(text.strip(), ".", "")
    if not 0 <= amount <= LARGEST or text.strip().startswith(("-", "+")):
        raise AmountError(f"« {text} » is no amount of a statement")
    return amount


def lines_of(
    ranks: Sequence[int], places: Sequence[int], rows: Sequence[tuple[str, ...]]
) -> tuple[pa.RecordBatch, list[Fault]]:
    """A batch of `read_lines` from texts in the order of `FIELDS`, and the rows that could not be read, which it leaves out.

    `ranks` are the statements of the rows, `places` their lines in the file.
    """
    faults: list[Fault] = []
    nothing = pa.array([""] * len(rows))
    texts = {
        name: _plain(pa.array(column, pa.string()), faults) if any(column) else nothing
        for name, column in zip(FIELDS, zip(*rows, strict=True), strict=True)
    }
    amounts = _amounts(texts["amount"], faults)
    signs = _each(texts["indicator"], SIGNS.__getitem__, pa.int64(), "camt_entry_wrong", "CdtDbtInd", faults)
    reversed_ = _each(texts["reversal"], _TRUTHS.__getitem__, pa.bool_(), "camt_entry_wrong", "RvslInd", faults)
    days = [
        _each(texts[name], civil, pa.date32(), "statement_date_wrong", name, faults)
        for name in ("booking_date", "value_date")
    ]
    comes_in = pc.not_equal(
        pc.equal(signs, 1), reversed_
    )  # a reversed debit comes in, and its other party is still the creditor
    label, details = _told([texts[name] for name in _LABELS])
    columns = [
        pa.array(ranks, pa.int64()),
        pa.array(places, pa.int64()),
        *days,
        pc.multiply(amounts, signs),
        _operation(texts),
        label,
        pc.coalesce(*(_given(texts[name], _NO_REFERENCE) for name in _REFERENCES)),
        _given(pc.if_else(comes_in, texts["debtor"], texts["creditor"])),
        details,
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=LINES)
    if faults:
        wrong = {row for row, _, _ in faults}
        batch = batch.filter(pa.array([row not in wrong for row in range(len(rows))]))
    return batch, sorted(faults, key=lambda fault: fault[0])


def _plain(column: pa.Array, faults: list[Fault]) -> pa.Array:
    """Texts without escapes, blanks joined: only columns that hold such a thing are worked on."""
    lengths = pc.utf8_length(column)
    if pc.max(lengths).as_py() > LONGEST_FIELD:
        long = pc.indices_nonzero(pc.greater(lengths, LONGEST_FIELD)).to_pylist()
        faults += [(row, "camt_text_long", {"limit": str(LONGEST_FIELD)}) for row in long]
    if pc.any(pc.match_substring(column, "&")).as_py():
        for escape, mark in _ESCAPES:
            column = pc.replace_substring(column, escape, mark)
    if pc.any(pc.match_substring_regex(column, r"^\s|\s$|\s\s|[\t\r\n]")).as_py():
        column = pc.utf8_trim_whitespace(pc.replace_substring_regex(column, r"\s+", " "))
    return column


def _each(
    column: pa.Array, read: Callable[[str], Any], kind: pa.DataType, code: str, what: str, faults: list[Fault]
) -> pa.Array:
    """A column of few different texts, each read once; rows of those that cannot be read are faults, and null."""
    encoded = column.dictionary_encode()
    values, wrong = [], {}
    for number, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            values.append(read(text))
        except (KeyError, ValueError):
            values.append(None)
            wrong[number] = text
    if wrong:
        for row, number in enumerate(encoded.indices.to_pylist()):
            if number in wrong:
                faults.append((row, code, {"what": what, "value": wrong[number][:80]}))
    return pa.array(values, kind).take(encoded.indices)


def _amounts(column: pa.Array, faults: list[Fault]) -> pa.Array:
    amounts, unread = centimes_column(column, ".", "")
    for row, error in unread:
        code = "amount_not_exact" if isinstance(error, AmountNotExact) else "statement_amount_wrong"
        faults.append((row, code, {}))
    signed = pc.indices_nonzero(pc.match_substring_regex(column, "^[+-]|[+-]$")).to_pylist()
    told = {row for row, _ in unread}
    faults += [(row, "statement_amount_wrong", {}) for row in signed if row not in told]
    return amounts


def _given(column: pa.Array, nothing: pa.Array | None = None) -> pa.Array:
    absent = pc.equal(column, "") if nothing is None else pc.is_in(column, value_set=nothing)
    return pc.if_else(absent, None, column)


def _operation(texts: dict[str, pa.Array]) -> pa.Array:
    """The bank transaction code: domain-family-subfamily, else the bank's own."""
    standard = _joined([texts[name] for name in ("domain", "family", "sub_family")], "-")
    return pc.coalesce(_given(standard), _given(texts["proprietary"]))


def _told(columns: Sequence[pa.Array]) -> tuple[pa.Array, pa.Array]:
    """The first text is the label, the others that differ from it are details, a line each."""
    label = pc.coalesce(*(_given(column) for column in columns))
    rest = [pc.if_else(pc.fill_null(pc.equal(column, label), False), "", column) for column in columns]
    return label, _given(_joined(rest, "\n"))


def _joined(columns: Sequence[pa.Array], mark: str) -> pa.Array:
    """Texts that are there, with a mark between them. (Arrow's own joining gives an empty array where every column is null.)"""
    whole = columns[0]
    for column in columns[1:]:
        if not pc.any(pc.not_equal(column, "")).as_py():
            continue
        both = pc.binary_join_element_wise(whole, column, mark)
        whole = pc.if_else(pc.equal(whole, ""), column, pc.if_else(pc.equal(column, ""), whole, both))
    return whole
