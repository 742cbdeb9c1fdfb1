"""CFONB120 a record at a time, as the norm tells it: what the reader, which goes a column at a time, is held against."""

from datetime import date
from typing import Any

DIGITS = "{ABCDEFGHI}JKLMNOPQR"


def read_by_record(text: str) -> tuple[list[dict[str, Any]], list[tuple[str, int]]]:
    """Statements, each with its movements, and (code, line) of the problems in the order of the lines."""
    statements: list[dict[str, Any]] = []
    problems: list[tuple[str, int]] = []
    current: dict[str, Any] | None = None
    for number, record in records(text):
        kind = record[:2]
        if kind == "01":
            not_ended(current, problems)
            current = {"line": number, "account": record[21:32].strip(), "lines": [], "bad": False, "last": None}
            statements.append(current)
        elif current is None or record[21:32].strip() != current["account"]:
            problems.append(("cfonb_record_alone", number))
            continue
        try:
            take(kind, record, number, current)
        except ValueError as error:
            problems.append((str(error), number))
            current["bad"] = True
        if kind == "07":
            current = None
    not_ended(current, problems)
    return statements, sorted(problems, key=lambda problem: problem[1])


def records(text: str) -> list[tuple[int, str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = [(n, line[at : at + 120].ljust(120)) for n, line in enumerate(lines, 1) for at in range(0, len(line), 120)]
    return [(number, record) for number, record in cut if record.strip("\t\f \xa0")]


def not_ended(statement: dict[str, Any] | None, problems: list[tuple[str, int]]) -> None:
    if statement is not None:
        statement["bad"] = True
        problems.append(("cfonb_not_ended", statement["line"]))


def take(kind: str, record: str, number: int, statement: dict[str, Any]) -> None:
    if kind in ("01", "07"):
        statement["opening" if kind == "01" else "closing"] = (day(record[34:40]), amount(record))
    elif kind == "04":
        statement["last"] = []  # details of a movement that cannot be read go with it
        line = {
            "line": number,
            "booked": day(record[34:40]),
            "amount": amount(record),
            "valued": day(record[42:48]) if record[42:48].strip(" ") else None,
            "label": record[48:79].strip() or None,
            "reference": record[104:120].strip() or None,
            "details": statement["last"],
        }
        statement["lines"].append(line)
    elif kind == "05" and statement["last"] is not None:
        statement["last"] += [record[45:118].strip()] if record[45:118].strip() else []
    else:
        raise ValueError("cfonb_record_wrong")


def day(text: str) -> date:
    try:
        year = int(text[4:6])
        return date(year + (2000 if year < 70 else 1900), int(text[2:4]), int(text[:2]))
    except ValueError:
        raise ValueError("cfonb_record_wrong") from None


def amount(record: str) -> int:
    digits, last, decimals = record[90:103].strip(), record[103], record[19]
    if last not in DIGITS or not decimals.isdecimal() or not (digits + "0").isdecimal() or not digits.isascii():
        raise ValueError("cfonb_record_wrong")
    value = int(digits + str(DIGITS.index(last) % 10)) * (1 if DIGITS.index(last) < 10 else -1) * 100
    if value % 10 ** int(decimals):
        raise ValueError("amount_not_exact")
    return value // 10 ** int(decimals)
