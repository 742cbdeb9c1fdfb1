"""Entries of a camt statement as rows of texts: one a detail where the details of a batch add up to the entry, else one an entry.

A bank books a batch (500 receipts of one day) as one entry; what a payer owes is only known by its detail. So a batch of two details
or more becomes its details, if each states an amount in the entry's currency and their sum, signs counted, is the entry to the
hundredth: the statement's total is the same either way. Where they do not add up (charges taken inside, amounts in another
currency) the entry stands as one row. Were a bank to send the same day once with and once without its details, the second would
contradict the first and wait for a person.
"""

from collections.abc import Sequence

from workbench.errors import AmountError
from workbench.intake.formats.camt_columns import SIGNS, centimes
from workbench.intake.formats.camt_shapes import FIELDS, Shape, cutter
from workbench.intake.formats.statement_proof import LONGEST_FIELD

_AT = {name: number for number, name in enumerate(FIELDS)}
_STATUS, _AMOUNT, _INDICATOR = _AT["status"], _AT["amount"], _AT["indicator"]
_OWN_TEXT = _AT["own_text"]
_DATES = slice(_AT["booking_date"], _AT["value_date"] + 1)


def status_of(row: tuple[str, ...]) -> str:
    """The status of an entry as written."""
    return row[_STATUS].strip()


def is_dated(row: tuple[str, ...]) -> bool:
    """Whether an entry bears a booking or a value date."""
    return any(text.strip() for text in row[_DATES])


def rows_of(shape: Shape, pieces: Sequence[str], row: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    """The rows of a batch that was cut into `row`: its details, or itself. Nothing is refused here."""
    return _parts(shape, pieces, row) or (_lump(shape, pieces, row),)


def _parts(shape: Shape, pieces: Sequence[str], whole: tuple[str, ...]) -> list[tuple[str, ...]] | None:
    """A row a detail where their amounts add up to the entry, else None."""
    rows, total = [], 0
    for detail in shape.details:
        stated = "amount" if "amount" in detail else "stated_amount"
        if stated not in detail or detail[f"{stated}_currency"] != shape.currency:
            return None
        own = dict(zip(FIELDS, cutter({**detail, "amount": detail[stated]})(pieces), strict=True))
        indicator = own["indicator"].strip() or whole[_INDICATOR]
        try:
            total += SIGNS[indicator] * centimes(own["amount"])
        except (AmountError, KeyError):
            return None
        rows.append(_part(own | {"indicator": indicator}, whole))
    try:
        adds_up = total == SIGNS[whole[_INDICATOR].strip()] * centimes(whole[_AMOUNT])
    except (AmountError, KeyError):
        return None
    return rows if adds_up else None


def _part(own: dict[str, str], whole: tuple[str, ...]) -> tuple[str, ...]:
    """A detail with what its entry says of all: dates, code, and last its texts and references."""
    row = dict(zip(FIELDS, whole, strict=True)) | {name: text for name, text in own.items() if text}
    row["own_text"] = ""  # so that its own text is the label, before the one that all parts share
    row["additional"] = " ".join(text for text in (own["additional"], whole[_OWN_TEXT]) if text.strip())
    row["payment"] = row["message"] = ""  # of the batch: a part is named by its own reference, or the bank's
    return tuple(row[name] for name in FIELDS)


def _lump(shape: Shape, pieces: Sequence[str], whole: tuple[str, ...]) -> tuple[str, ...]:
    """A batch that stays one row; what its details say is text, as much as a field holds."""
    row, said = dict(zip(FIELDS, whole, strict=True)), []
    for detail in shape.details:
        own = dict(zip(FIELDS, cutter(detail)(pieces), strict=True))
        names = ("debtor", "creditor", "end_to_end", "remittance", "structured", "additional")
        said.append(" ".join(own[name] for name in names if own[name].strip()))
    row["additional"] = " ".join(said)[:LONGEST_FIELD]
    return tuple(row.values())
