"""Entries of a camt statement as lines: one a detail where the details of a batch add up to the entry, else one an entry.

A bank books a batch (500 receipts of one day) as one entry; what a payer owes is only known by its detail. So a batch of two details
or more becomes its details, if each states an amount in the entry's currency and their sum, signs counted, is the entry to the
hundredth: the statement's total is the same either way. Where they do not add up (charges taken inside, amounts in another
currency) the entry stands as one line and its details are text.

`CdtDbtInd` says what the entry does to the balance, reversals included: `RvslInd` never turns the sign, it only says on which
side the other party stands (ISO 20022, camt.053 message definition report).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from workbench.errors import AmountError, AmountNotExact
from workbench.intake.formats.camt_stream import LocalNames
from workbench.intake.formats.statement_proof import LONGEST_FIELD
from workbench.money import LARGEST, read_centimes

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T[0-9:.]+)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_SIGNS = {"CRDT": 1, "DBIT": -1}
_NO_REFERENCE = {"", "NOTPROVIDED", "NONREF", "NOREF", "NOT PROVIDED"}
_TRUE = {"true", "1"}

name_of = LocalNames()


class EntryFault(Exception):
    """A part of a statement cannot be read. `code` and `values` are those of its problem, `line` its place."""

    def __init__(self, code: str, line: int, **values: str) -> None:
        self.code, self.line, self.values = code, line, values
        super().__init__(code)


@dataclass(slots=True)
class Entry:
    """An entry as written: its status, its currency, its sum in hundredths, whether it bears a date, and its lines (`read_lines` from `line_number` on)."""

    status: str
    currency: str
    amount_centimes: int
    is_dated: bool
    lines: list[tuple[Any, ...]]


def children(element: Any) -> dict[str, Any]:
    """The children of an element by local name; of several with one name, the first."""
    found: dict[str, Any] = {}
    for child in element:
        found.setdefault(name_of[child.tag], child)
    return found


def at(element: Any, *path: str) -> Any:
    """The first element at a path of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if name_of[child.tag] == name), None)
    return element


def text_of(element: Any) -> str:
    """The text of an element on one line, blanks joined; `""` where there is none."""
    if element is None or not (text := element.text):
        return ""
    if len(text) > LONGEST_FIELD:
        raise EntryFault("camt_text_long", element.sourceline, limit=f"{LONGEST_FIELD}")
    return " ".join(text.split())


def centimes_of(element: Any) -> int:
    """Hundredths of an amount as ISO 20022 writes it: digits, a point, no sign."""
    text = (element.text or "").strip()
    whole, _, fraction = text.partition(".")
    if len(fraction) == 2 and len(text) < 18 and text.isascii() and whole.isdigit() and fraction.isdigit():
        return int(whole + fraction)
    try:
        amount = read_centimes(text.removeprefix("+"), ".", "")
    except AmountNotExact:
        raise EntryFault("amount_not_exact", element.sourceline) from None
    except AmountError:
        amount = -1
    if not 0 <= amount <= LARGEST:
        raise EntryFault("statement_amount_wrong", element.sourceline)
    return amount


def sign_of(element: Any, line: int) -> int:
    """1 for CRDT, −1 for DBIT."""
    try:
        return _SIGNS[element.text.strip()]
    except (AttributeError, KeyError):
        raise EntryFault("camt_entry_wrong", line, what="CdtDbtInd", value=text_of(element)) from None


def date_of(element: Any) -> date | None:
    """The civil date in `Dt` or `DtTm`, as the bank wrote it; None where there is none."""
    if element is None:
        return None
    for child in element:
        if child.text:
            try:
                return _civil(child.text)
            except ValueError:
                raise EntryFault("statement_date_wrong", child.sourceline, value=text_of(child)) from None
    return None


@lru_cache(maxsize=4096)
def _civil(text: str) -> date:
    if not (found := _DAY.fullmatch(text.strip())):
        raise ValueError(text)
    return date.fromisoformat(found[1])


def read_entry(element: Any) -> Entry:
    """The lines of one `Ntry`. Raises `EntryFault` where it cannot be read."""
    line = element.sourceline
    parts: dict[str, Any] = {}
    details: list[Any] = []
    for child in element:
        if (name := name_of[child.tag]) == "NtryDtls":
            details += [each for each in child if name_of[each.tag] == "TxDtls"]
            parts.setdefault(name, child)
        else:
            parts[name] = child
    if (amount := parts.get("Amt")) is None:
        raise EntryFault("camt_entry_wrong", line, what="Amt", value="")
    sign = sign_of(parts.get("CdtDbtInd"), line)
    total, currency = sign * centimes_of(amount), amount.get("Ccy", "")
    reversal = parts.get("RvslInd")
    # A reversed debit comes in, and its other party is still the creditor.
    side = "Dbtr" if (sign > 0) != (reversal is not None and reversal.text in _TRUE) else "Cdtr"
    common = (date_of(parts.get("BookgDt")), date_of(parts.get("ValDt")))
    found = [_detail(each, side) for each in details]
    shares = _shares(details, total, sign, currency) if len(details) > 1 else None
    code, own = _operation(parts.get("BkTxCd")), text_of(parts.get("AddtlNtryInf"))
    if shares is None:
        rest = (code, *_whole(parts, found, own))
        lines = [(line, *common, total, *rest)]
    else:
        lines = [
            (each.sourceline, *common, share, code, *_part(one, own, parts))
            for each, share, one in zip(details, shares, found, strict=True)
        ]
    return Entry(_status(parts.get("Sts"), line), currency, total, any(common), lines)


def _status(element: Any, line: int) -> str:
    """BOOK, PDNG, INFO or FUTR: a text up to version 7, a `Cd` from version 8 on."""
    status = text_of(element if element is None or not len(element) else element[0])
    if status not in ("BOOK", "PDNG", "INFO", "FUTR"):
        raise EntryFault("camt_entry_wrong", line, what="Sts", value=status)
    return status


def _operation(element: Any) -> str | None:
    """The bank transaction code: domain-family-subfamily, else the bank's own."""
    if element is None or not len(element):
        return None
    found = children(element)
    if (domain := found.get("Domn")) is not None:
        return "-".join(" ".join(domain.itertext()).split()) or None
    return text_of(at(found.get("Prtry"), "Cd")) or None


@dataclass(slots=True)
class _Detail:
    """What a transaction detail says: the customer's reference, the bank's, the other party, and its texts."""

    reference: str = ""
    bank_reference: str = ""
    counterparty: str = ""
    remittance: str = ""
    structured: str = ""
    additional: str = ""


def _detail(element: Any, side: str) -> _Detail:
    detail = _Detail()
    for child in element:
        name = name_of[child.tag]
        if name == "Refs":
            for each in child:
                kind = name_of[each.tag]
                if kind == "EndToEndId":
                    detail.reference = text_of(each)
                elif kind == "AcctSvcrRef":
                    detail.bank_reference = text_of(each)
        elif name == "RltdPties":
            for party in child:
                if name_of[party.tag] == side:
                    detail.counterparty = _party_name(party)
                    break
        elif name == "RmtInf":
            _remittance(child, detail)
        elif name == "AddtlTxInf":
            detail.additional = text_of(child)
    return detail


def _party_name(party: Any) -> str:
    """`Nm`, inside `Pty` from version 8 on."""
    for child in party:
        name = name_of[child.tag]
        if name == "Nm":
            return text_of(child)
        if name == "Pty":
            return _party_name(child)
    return ""


def _remittance(element: Any, detail: _Detail) -> None:
    free, structured = [], []
    for child in element:
        if name_of[child.tag] == "Ustrd":
            free.append(text_of(child))
        else:
            structured += [text_of(each) for each in child.iter("{*}Ref", "{*}Nb", "{*}AddtlRmtInf")]
    detail.remittance, detail.structured = " ".join(free), " ".join(structured)


def _shares(details: list[Any], total: int, sign: int, currency: str) -> list[int] | None:
    """Signed amounts of the details where they add up to the entry, else None."""
    shares = []
    for detail in details:
        parts = children(detail)
        amount = parts.get("Amt")
        if amount is None:
            amount = at(parts.get("AmtDtls"), "TxAmt", "Amt")  # version 2 has it there only
        if amount is None or amount.get("Ccy") != currency:
            return None
        own = parts.get("CdtDbtInd")
        try:
            shares.append((sign if own is None else sign_of(own, detail.sourceline)) * centimes_of(amount))
        except EntryFault:
            return None
    return shares if sum(shares) == total else None


def _whole(parts: dict[str, Any], found: list[_Detail], own: str) -> tuple[str | None, ...]:
    """Label, reference, counterparty and details of an entry that is one line."""
    only = found[0] if len(found) == 1 else _Detail()
    batch = at(parts.get("NtryDtls"), "Btch")
    references = (
        only.reference,
        *(text_of(at(batch, name)) for name in ("PmtInfId", "MsgId") if batch is not None),
        text_of(parts.get("AcctSvcrRef")),
        only.bank_reference,
        only.structured,
        text_of(parts.get("NtryRef")),
    )
    texts = [own, *(text for one in found for text in (one.remittance, one.structured, one.additional))]
    if len(found) > 1:
        texts += [" ".join(filter(None, (one.counterparty, one.reference))) for one in found]
    return _told(texts, references, only.counterparty)


def _part(one: _Detail, own: str, parts: dict[str, Any]) -> tuple[str | None, ...]:
    """The same of one detail of a batch: its own texts first, the entry's after."""
    references = (
        one.reference,
        one.bank_reference,
        one.structured,
        text_of(parts.get("AcctSvcrRef")),
        text_of(parts.get("NtryRef")),
    )
    return _told([one.remittance, one.structured, one.additional, own], references, one.counterparty)


def _told(texts: list[str], references: tuple[str, ...], counterparty: str) -> tuple[str | None, ...]:
    said = list(dict.fromkeys(filter(None, texts)))
    reference = next((each for each in references if each not in _NO_REFERENCE), None)
    label = said[0] if said else None
    return label, reference, counterparty or None, "\n".join(said[1:])[:LONGEST_FIELD] or None
