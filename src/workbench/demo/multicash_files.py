"""Statements of the made-up banks in MultiCash as SAP takes it: a pair of files, AUSZUG (balances) and UMSATZ (lines).

Fields in the order of SAP note 36833, semicolons between them, no quotes, days as DD.MM.YY, amounts with the
comma of the banks that this program comes from. The 24 places of the account hold a whole RIB; the reference of a line stands where
the number of a cheque has its place.
"""

from workbench.demo.bank_files import Files, Line, Statement

_FIELDS_OF_BALANCES, _FIELDS_OF_LINES = 18, 35
_TEXT = 27  # characters of a line of text


def multicash(statement: Statement) -> Files:
    """AUSZUG and UMSATZ of a month."""
    yield f"AUSZUG_{statement.stem}.txt", (_row(_balances(statement), _FIELDS_OF_BALANCES) + "\r\n").encode("ascii")
    rows = [_row(_line(statement, line, place), _FIELDS_OF_LINES) for place, line in enumerate(statement.lines, 1)]
    yield f"UMSATZ_{statement.stem}.txt", "".join(f"{row}\r\n" for row in rows).encode("ascii")


def _named(statement: Statement) -> dict[int, str]:
    rib = statement.account.rib
    return {1: rib[:6], 2: rib, 3: f"{statement.month + 1:04d}"}


def _balances(statement: Statement) -> dict[int, str]:
    amounts = [line.amount for line in statement.lines]
    return _named(statement) | {
        4: f"{statement.last:%d.%m.%y}",
        5: statement.account.currency,
        6: _amount(statement.opening),
        7: _amount(-sum(amount for amount in amounts if amount < 0)),
        8: _amount(sum(amount for amount in amounts if amount > 0)),
        9: _amount(statement.closing),
        10: "OFFICE FICTIF",
        12: f"{statement.first:%d.%m.%y}",
        13: f"{statement.last:%d.%m.%y}",
        18: str(len(statement.lines)),
    }


def _line(statement: Statement, line: Line, place: int) -> dict[int, str]:
    fields = _named(statement) | {
        4: f"{line.value:%d.%m.%y}",
        5: str(place),
        7: line.label[:_TEXT],
        9: line.kind.cfonb,
        10: line.reference,
        11: _amount(line.amount),
        14: f"{line.booking:%d.%m.%y}",
    }
    if line.counterparty.isdigit():
        fields |= {30: line.counterparty, 32: line.counterparty[:6], 33: line.counterparty}
    elif line.counterparty:
        fields[30] = line.counterparty[:_TEXT]
    return fields


def _row(fields: dict[int, str], count: int) -> str:
    return ";".join(fields.get(place, "") for place in range(1, count + 1))


def _amount(centimes: int) -> str:
    size = abs(centimes)
    return f"{'-' if centimes < 0 else ''}{size // 100},{size % 100:02d}"
