"""Where the fields of an entry stand. The entries of a file repeat a few shapes (which tags, in which order); a shape is worked
out once, then each entry of it is cut into its fields at one go.

The entry comes as the parser has rebuilt it (comments and CDATA gone, `<`, `>` and `&` of texts and attributes escaped) or cut out of a file
that has none of these, so that a `<` or `>` is always the border of a tag. Pieces are alternately text (even places) and tag (odd places).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from lxml import etree

from workbench.intake.formats.camt_cut import Cut

FIELDS = (
    "amount", "indicator", "reversal", "status", "booking_date", "value_date",
    "domain", "family", "sub_family", "proprietary",
    "own_text", "remittance", "structured", "additional",
    "end_to_end", "detail_reference", "payment", "message", "bank_reference", "entry_reference",
    "debtor", "creditor",
)  # fmt: skip
_ENTRY = {
    "Amt": "amount",
    "CdtDbtInd": "indicator",
    "RvslInd": "reversal",
    "Sts": "status",
    "Sts/Cd": "status",  # from version 8 on
    "BookgDt/Dt": "booking_date",
    "BookgDt/DtTm": "booking_date",
    "ValDt/Dt": "value_date",
    "ValDt/DtTm": "value_date",
    "BkTxCd/Domn/Cd": "domain",
    "BkTxCd/Domn/Fmly/Cd": "family",
    "BkTxCd/Domn/Fmly/SubFmlyCd": "sub_family",
    "BkTxCd/Prtry/Cd": "proprietary",
    "AddtlNtryInf": "own_text",
    "AcctSvcrRef": "bank_reference",
    "NtryRef": "entry_reference",
    "NtryDtls/Btch/PmtInfId": "payment",
    "NtryDtls/Btch/MsgId": "message",
}
_DETAIL = {
    "Amt": "amount",
    "AmtDtls/TxAmt/Amt": "stated_amount",  # the only place of version 2
    "CdtDbtInd": "indicator",
    "Refs/EndToEndId": "end_to_end",
    "Refs/AcctSvcrRef": "detail_reference",
    "RltdPties/Dbtr/Nm": "debtor",
    "RltdPties/Dbtr/Pty/Nm": "debtor",  # from version 8 on
    "RltdPties/Cdtr/Nm": "creditor",
    "RltdPties/Cdtr/Pty/Nm": "creditor",
    "RmtInf/Ustrd": "remittance",
    "RmtInf/Strd/CdtrRefInf/Ref": "structured",
    "RmtInf/Strd/RfrdDocInf/Nb": "structured",
    "RmtInf/Strd/AddtlRmtInf": "structured",
    "AddtlTxInf": "additional",
}
_TEXTS = {
    "remittance",
    "structured",
    "own_text",
    "additional",
}  # the fields that may stand several times, and are then joined
_DETAILS = "NtryDtls/TxDtls"
_CURRENCY = re.compile(r"""\sCcy\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MOST_SHAPES = 4096
_LONGEST_SHAPE = 2000  # tags; a batch that is longer comes once and need not be remembered


@dataclass(frozen=True)
class Shape:
    """Fields of one entry's shape. `cut` gives the texts in the order of `FIELDS`, those of an only detail among them.

    `details` cut each detail of a batch: field → place; `currencies` are those of the entry's and of each detail's amount.
    """

    cut: Callable[[Sequence[str]], tuple[str, ...]]
    currency: str
    details: list[dict[str, Any]]


class Shapes:
    """The shapes met in a file."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Shape] = {}
        self._last: tuple[list[str], Shape] = ([], Shape(tuple, "", []))

    def of(self, element: Any) -> tuple[Shape, list[str]]:
        """The shape of an `Ntry`, cut or rebuilt, and its pieces."""
        is_cut = type(element) is Cut
        text = element.text if is_cut else etree.tostring(element, encoding="unicode", with_tail=False)
        pieces = text.replace(">", "<").split("<")
        tags = pieces[1::2]
        last, shape = self._last
        if tags == last:  # most entries are like the one before; comparing is faster than hashing
            return shape, pieces
        key = tuple(tags)
        known = self._known.get(key)
        shape = known or _shape(tags)
        if known is None and len(tags) <= _LONGEST_SHAPE:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            self._known[key] = shape
        self._last = (tags, shape)
        return shape, pieces


def _shape(tags: Sequence[str]) -> Shape:
    entry: dict[str, list[int]] = defaultdict(list)
    details: list[dict[str, Any]] = []
    currency = ""
    for path, place, tag in _leaves(tags):
        if path == _DETAILS:
            details.append(defaultdict(list))
        elif path.startswith(_DETAILS + "/"):
            if field := _DETAIL.get(path[len(_DETAILS) + 1 :]):
                details[-1][field].append(place)
                if field in ("amount", "stated_amount"):
                    details[-1][f"{field}_currency"] = _currency(tag)
        elif field := _ENTRY.get(path):
            entry[field].append(place)
            if field == "amount" and len(entry[field]) == 1:
                currency = _currency(tag)
    if len(details) == 1:
        entry |= {field: places for field, places in details[0].items() if field not in ("amount", "indicator")}
    return Shape(cutter(entry), currency, details if len(details) > 1 else [])


def _leaves(tags: Sequence[str]) -> list[tuple[str, int, str]]:
    """Path below the entry, place of its text, and tag of every element."""
    found: list[tuple[str, int, str]] = []
    path: list[str] = []
    for number, tag in enumerate(tags):
        if tag.startswith("/"):
            path.pop()
            continue
        path.append(tag.split(None, 1)[0].rstrip("/").rpartition(":")[2])
        found.append(("/".join(path[1:]), 2 * number + 2, tag))
        if tag.endswith("/"):
            found[-1] = (found[-1][0], 0, tag)  # it is empty, like the piece before the first tag
            path.pop()
    return found


def _currency(tag: str) -> str:
    found = _CURRENCY.search(tag)
    return (found[1] or found[2] or "") if found else ""


def cutter(places: dict[str, list[int]]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """What cuts pieces into `FIELDS`: a field that is absent is `""`, texts that stand several times are joined by a blank, of
    anything else the last one that is not empty counts."""
    one = itemgetter(*(places[field][-1] if places.get(field) else 0 for field in FIELDS))
    several = [(FIELDS.index(field), where) for field, where in places.items() if len(where) > 1 and field in FIELDS]
    if not several:
        return one

    def cut(pieces: Sequence[str]) -> tuple[str, ...]:
        row = list(one(pieces))
        for field, where in several:
            texts = [pieces[place] for place in where if pieces[place].strip()]
            row[field] = " ".join(texts) if FIELDS[field] in _TEXTS else (texts or [""])[-1]
        return tuple(row)

    return cut
