"""Which account a name in a file means, while statements are let in: the register's aliases, those of the same import among them.

The same rules as `banking.resolve`, which reads them again from the store whenever a position is asked for: an alias holds in its
period; the first one of a name holds before it too, for nobody else bore the name; a name of two accounts on one day is nobody's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

Span = tuple[str, date, date]  # account, from, until


class AccountNames:
    """The names of the accounts of an office.

    `aliases` are rows of `account_aliases`, later ones in the place of earlier ones with the same key; `accounts` the registered numbers.
    """

    def __init__(self, aliases: Iterable[Mapping[str, Any]], accounts: Iterable[str]) -> None:
        rows: dict[tuple[str, str], dict[date, Span]] = defaultdict(dict)
        for row in aliases:
            since, until = row["valid_from_date"] or date.min, row["valid_to_date"] or date.max
            rows[row["format_code"], row["account_identifier"]][since] = (row["account_number"], since, until)
        self._spans = {name: list(spans.values()) for name, spans in rows.items()}
        self._accounts = set(accounts)

    def accounts(self, format_code: str, identifier: str, day: date | None) -> set[str]:
        """The accounts that a name means on a day (None: at any time); none where nobody knows it."""
        spans = self._spans.get((format_code, identifier), [])
        first = min((since for _, since, _ in spans), default=date.min)
        meant = {
            number
            for number, since, until in spans
            if day is None or ((since <= day or since == first) and day <= until)
        }
        return meant | ({identifier} & self._accounts)

    def claimed_twice(self) -> Iterator[tuple[str, str, list[str]]]:
        """Names that two accounts claim at one time: (format, name, accounts)."""
        for (form, identifier), spans in sorted(self._spans.items()):
            numbers = {
                number
                for one, since, until in spans
                for other, begin, end in spans
                if one != other and since <= end and begin <= until
                for number in (one, other)
            }
            if numbers:
                yield form, identifier, sorted(numbers)
