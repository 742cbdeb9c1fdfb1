"""Booking: which days of which accounts a set of statements adds, extends or contradicts.

A statement is whole days of its period. A day of an account is (opening, closing, the multiset of its canonical lines) and is
booked once: the same day again changes nothing whatever its file, order or encoding, and two identical lines of one day both
count. A version with the same opening that contains the booked lines extends the day; a statement that opens with the closing of the
last booked day goes on with it (banks send several a day); any other version waits for a person.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from workbench.intake.pages import Line, Statement, joined
from workbench.schemas.checking import Problem

AccountKey = tuple[str, str]  # account_identifier, currency_code
CanonicalLine = tuple[str, ...]
LONGEST_PERIOD = timedelta(days=400)  # beyond it the dates of a statement are doubtful: only days with lines are booked


@dataclass
class Day:
    """A day of an account, as booked or about to be. Without balances `opening` and `closing` are None."""

    opening: int | None
    closing: int | None
    canonical: Counter[CanonicalLine]
    version: int = 1
    lines: list[Line] = field(default_factory=list)
    statement: Statement | None = None  # None: it came with an earlier import


@dataclass
class Ledger:
    """The live days of the accounts concerned, by account then day."""

    days: dict[AccountKey, dict[date, Day]]
    statement_ids: Mapping[str, str]  # statement_id → status, of every statement already seen
    taken: set[str] = field(default_factory=set)  # statement_ids that this import has booked

    def has_booked(self, statement: Statement) -> bool:
        """Whether this very statement was booked, whatever its file."""
        status = self.statement_ids.get(statement.statement_id)
        return status in ("booked", "extended") or statement.statement_id in self.taken


@dataclass(frozen=True)
class Outcome:
    """What became of a statement. `status` is a `statement_status_code`."""

    statement: Statement
    status: str
    reason: str = ""
    reason_en: str = ""


@dataclass
class Booking:
    """What the import has to write: new versions of days, the days they supersede, an outcome a statement, and problems."""

    outcomes: list[Outcome] = field(default_factory=list)
    new_days: dict[tuple[AccountKey, date], Day] = field(default_factory=dict)
    superseded: set[tuple[AccountKey, date]] = field(default_factory=set)
    interim: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """What a person decided for this import. `complete_days` names the accounts whose lists without balances hold whole days."""

    accept_unbalanced: str | None = None
    replace: str | None = None
    complete_days: frozenset[str] = frozenset()


def book(statements: Iterable[Statement], ledger: Ledger, rules: Rules = Rules()) -> Booking:
    """Book statements on a ledger. `ledger` takes in the new days, so that statements of one import see one another."""
    booking = Booking()
    whole, held = joined(statements)
    for page in held:
        _tell(booking, page, "held", "pages_incomplete")
    for statement in _in_order(whole):
        if statement.proof_code == "broken":
            _tell(booking, statement, "refused", "statement_broken")
        elif not statement.currency_code:
            _tell(booking, statement, "refused", "statement_currency_missing")
        elif statement.opening_date and statement.closing_date and statement.closing_date < statement.opening_date:
            _tell(booking, statement, "refused", "statement_reversed")
        elif statement.is_interim:
            known = ledger.statement_ids.get(statement.statement_id) == "interim" or statement in booking.interim
            booking.outcomes.append(Outcome(statement, "unchanged" if known else "interim"))
            if not known:
                booking.interim.append(statement)
        elif statement.proof_code == "unbalanced" and not (rules.accept_unbalanced or ledger.has_booked(statement)):
            _tell(booking, statement, "refused", "statement_unbalanced", difference=_written(statement))
        elif statement.proof_code == "no_balances":
            _book_list(booking, statement, ledger, rules)
        else:
            _book_statement(booking, statement, ledger, rules)
    return booking


def _in_time(statement: Statement) -> tuple[date, date, AccountKey, int]:
    first, last = statement.opening_date or date.min, statement.closing_date or date.min
    return last, first, statement.account, len(statement.lines)


def _in_order(statements: list[Statement]) -> list[Statement]:
    """In time; of one account and day, each after the one whose closing it opens with, and else the shorter first."""
    ordered: list[Statement] = []
    for _, group in groupby(sorted(statements, key=_in_time), key=lambda each: _in_time(each)[:3]):
        together = list(group)
        if len(together) == 1:
            ordered += together
            continue
        waiting: dict[int | None, deque[Statement]] = defaultdict(deque)
        for each in together:
            waiting[each.opening_centimes].append(each)
        closings = {each.closing_centimes for each in together}
        beginnings = [each.opening_centimes for each in together if each.opening_centimes not in closings]
        for balance in [*beginnings, *(each.opening_centimes for each in together)]:
            while waiting[balance]:
                ordered.append(waiting[balance].popleft())
                balance = ordered[-1].closing_centimes
    return ordered


def _tell(
    booking: Booking, statement: Statement, status: str, code: str, severity: str | None = None, **values: str
) -> None:
    shown = {"number": statement.statement_number or "?", "account": statement.account_identifier, **values}
    problem = Problem(code, severity or status, shown, statement.file_name, statement.line_number, "statements")
    booking.problems.append(problem)
    if severity is None:
        booking.outcomes.append(Outcome(statement, status, problem.message("fr"), problem.message("en")))


def _written(statement: Statement) -> str:
    return _amount_written(statement.difference_centimes or 0, statement.currency_code)


def _amount_written(cents: int, currency_code: str) -> str:
    whole = f"{abs(cents) // 100:,}".replace(",", "\u202f")
    return f"{'-' if cents < 0 else ''}{whole},{abs(cents) % 100:02d} {currency_code}"


def _book_statement(booking: Booking, statement: Statement, ledger: Ledger, rules: Rules) -> None:
    days = ledger.days.setdefault(statement.account, {})
    versions = _days_of(statement, days)
    if versions is None:
        return _tell(booking, statement, "refused", "statement_undated")
    is_known = ledger.has_booked(statement)
    changes = {day: _compare(new, day, days, is_known) for day, new in versions.items()}
    contradicted = min((day for day, change in changes.items() if change == "contradicted"), default=None)
    if contradicted is not None:
        if is_known and _is_within(versions, days):
            return booking.outcomes.append(Outcome(statement, "unchanged"))
        if not is_known and (following := _following(versions, days)):
            versions = following
            changes = {day: "continued" if day in days else "new" for day in versions}
        elif not rules.replace:
            return _tell(booking, statement, "held", "day_contradicted", day=contradicted.strftime("%d/%m/%Y"))
    _name_breaks(booking, statement, versions, days)
    _take(booking, statement, versions, changes, days, rules)
    ledger.taken.add(statement.statement_id)
    if statement.proof_code == "unbalanced" and booking.outcomes[-1].status != "unchanged":
        values = {"difference": _written(statement), "motive": rules.accept_unbalanced or ""}
        _tell(booking, statement, "booked", "statement_accepted_unbalanced", severity="warning", **values)
    return None


def _days_of(statement: Statement, booked: Mapping[date, Day]) -> dict[date, Day] | None:
    """The days of a statement, each with its opening and closing; None where no date says which they are."""
    last = statement.closing_date or max(
        (line.booking_date for line in statement.lines if line.booking_date), default=None
    )
    if last is None:
        return None
    first = _first_day(statement, last, booked)
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in statement.lines:
        by_day[min(max(line.booking_date or last, first), last)].append(line)
    span = range((last - first).days + 1) if last - first <= LONGEST_PERIOD else ()
    covered = sorted({*by_day, last, *(first + timedelta(days=n) for n in span)})
    balance = statement.opening_centimes or 0
    versions: dict[date, Day] = {}
    for day in covered:
        closing = balance + sum(line.amount_centimes for line in by_day[day])
        versions[day] = Day(
            balance, closing, Counter(line.canonical for line in by_day[day]), 1, by_day[day], statement
        )
        balance = closing
    return versions


def _first_day(statement: Statement, last: date, booked: Mapping[date, Day]) -> date:
    """First day of the period. The opening balance of a CFONB120 statement bears the date of the day before; elsewhere it does so
    where that day is booked and closes with it."""
    opening = statement.opening_date or min(
        (line.booking_date for line in statement.lines if line.booking_date), default=last
    )
    before = booked.get(opening)
    dated_the_day_before = statement.format_code == "cfonb120" or (
        before is not None
        and before.closing == statement.opening_centimes
        and before.opening != statement.opening_centimes
    )
    return min(opening + timedelta(days=1) if dated_the_day_before else opening, last)


def _compare(new: Day, day: date, booked: Mapping[date, Day], is_known: bool) -> str:
    """What a version does to a booked day: unchanged, extended, contradicted; new where the day is not booked.

    Where one of the two leaves the balance as it was, the other could as well be a second statement of the day, with lines of its own
    that look the same: nothing in them tells, so a person must. (Two that are equal to the last line are taken as one.)
    """
    old = booked.get(day)
    if old is None:
        return "new"
    if new.opening != old.opening:
        return "extended" if _was_only_a_balance(old, new, day, booked) else "contradicted"
    if new.canonical == old.canonical:
        return "unchanged"
    is_ambiguous = bool(old.canonical and new.canonical) and old.opening in (old.closing, new.closing)
    if new.canonical < old.canonical:
        return "contradicted" if is_ambiguous and not is_known else "unchanged"
    following = booked.get(day + timedelta(days=1))
    chain_breaks = following is not None and following.opening == old.closing != new.closing
    return "extended" if old.canonical < new.canonical and not chain_breaks and not is_ambiguous else "contradicted"


def _was_only_a_balance(old: Day, new: Day, day: date, booked: Mapping[date, Day]) -> bool:
    """Whether a booked day is but the opening balance of the next statement, which some banks date the day before.

    It has no line, the days before it do not lead to it, the next day opens with it, and the version that now comes closes there.
    """
    before, following = max((each for each in booked if each < day), default=None), booked.get(day + timedelta(days=1))
    # Only the day right before can lead to it: one further back closes with the same amount wherever the days between net to zero.
    leads_to_it = before == day - timedelta(days=1) and booked[before].closing == old.opening
    leads_on = following is not None and following.opening == old.closing
    is_bare = not old.canonical and old.opening == old.closing == new.closing
    return is_bare and bool(new.canonical) and leads_on and not leads_to_it


def _is_within(versions: Mapping[date, Day], booked: Mapping[date, Day]) -> bool:
    """Whether booked days hold every line of a statement, and do not end where it opens (it could follow them as well)."""
    moved = {day: new for day, new in versions.items() if new.canonical}
    return all(
        day in booked and new.canonical <= booked[day].canonical and booked[day].closing != new.opening
        for day, new in moved.items()
    )


def _following(versions: Mapping[date, Day], booked: Mapping[date, Day]) -> dict[date, Day] | None:
    """The versions of a statement that goes on where the last booked day ends; None where it does not.

    It opens with the closing of that day, has no line before it, the next booked day does not say otherwise, and it does not lead back
    to the opening of the day: either of the two could then be the first.
    """
    day = max((day for day in versions if day in booked), default=None)
    if day is None or any(new.canonical for before, new in versions.items() if before < day):
        return None
    old, new, last = booked[day], versions[day], versions[max(versions)]
    after = min((each for each in booked if each > day), default=None)
    chain_breaks = after is not None and booked[after].opening == old.closing != last.closing
    if old.closing is None or old.closing != new.opening or old.opening in (new.opening, new.closing) or chain_breaks:
        return None
    both = Day(old.opening, new.closing, old.canonical + new.canonical, 1, [*old.lines, *new.lines], new.statement)
    later = {each: version for each, version in versions.items() if each > day}
    return {day: both, **later} if new.canonical else later


def _name_breaks(
    booking: Booking, statement: Statement, versions: Mapping[date, Day], booked: Mapping[date, Day]
) -> None:
    """Say where a statement does not meet the booked days on either side of it: days are missing, or the two balances disagree."""
    first, last = min(versions), max(versions)
    before = max((day for day in booked if day < first), default=None)
    after = min((day for day in booked if day > last), default=None)
    if before is not None and first not in booked:
        _name_break(booking, statement, (before, first), booked[before].closing, versions[first].opening)
    if after is not None and (last not in booked or booked[last].closing != versions[last].closing):
        _name_break(booking, statement, (last, after), versions[last].closing, booked[after].opening)


def _name_break(
    booking: Booking, statement: Statement, days: tuple[date, date], closing: int | None, opening: int | None
) -> None:
    if closing is None or opening is None or closing == opening:
        return
    earlier, later = days
    if (later - earlier).days > 1:
        first, last = earlier + timedelta(days=1), later - timedelta(days=1)
        gap = {"first": first.strftime("%d/%m/%Y"), "last": last.strftime("%d/%m/%Y")}
        _tell(booking, statement, "booked", "days_missing", severity="warning", **gap)
        return
    apart = {"earlier": earlier.strftime("%d/%m/%Y"), "later": later.strftime("%d/%m/%Y")}
    apart["difference"] = _amount_written(opening - closing, statement.currency_code)
    _tell(booking, statement, "booked", "balances_apart", severity="warning", **apart)


def _take(
    booking: Booking,
    statement: Statement,
    versions: Mapping[date, Day],
    changes: Mapping[date, str],
    days: dict[date, Day],
    rules: Rules,
) -> None:
    for day, change in changes.items():
        if change == "unchanged":
            continue
        new = versions[day]
        if change != "new":
            new.version = days[day].version + 1
            if days[day].statement is None or (statement.account, day) in booking.superseded:
                booking.superseded.add((statement.account, day))
            else:
                new.version = days[day].version  # the earlier version was never written: it came with this import
            code = f"day_{change}" if change in ("extended", "continued") else "day_replaced"
            values = {"day": day.strftime("%d/%m/%Y"), "motive": rules.replace or ""}
            _tell(booking, statement, change, code, severity="noted", **values)
        days[day] = new
        booking.new_days[statement.account, day] = new
    kinds = set(changes.values())
    status = (
        "extended" if kinds & {"extended", "continued", "contradicted"} else "booked" if "new" in kinds else "unchanged"
    )
    booking.outcomes.append(Outcome(statement, status))


def _book_list(booking: Booking, statement: Statement, ledger: Ledger, rules: Rules) -> None:
    """A list without balances: whole days where its profile says so, else each line by its document key, once."""
    days = ledger.days.setdefault(statement.account, {})
    by_day: dict[date, list[Line]] = defaultdict(list)
    for line in statement.lines:
        day = line.booking_date or line.value_date
        if day is None:
            return _tell(booking, statement, "refused", "statement_undated")
        by_day[day].append(line)
    versions: dict[date, Day] = {}
    changes: dict[date, str] = {}
    for day, lines in sorted(by_day.items()):
        old, counted = days.get(day), Counter(line.canonical for line in lines)
        if old is not None and statement.account_identifier not in rules.complete_days:
            counted = old.canonical | counted
        versions[day] = Day(None, None, counted, 1, _union(old, lines, counted), statement)
        changes[day] = "new" if old is None else "unchanged" if counted <= old.canonical else "extended"
        if old is not None and not (counted <= old.canonical or old.canonical <= counted):
            return _tell(booking, statement, "held", "day_contradicted", day=day.strftime("%d/%m/%Y"))
    return _take(booking, statement, versions, changes, days, rules)


def _union(old: Day | None, lines: list[Line], wanted: Counter[CanonicalLine]) -> list[Line]:
    kept: list[Line] = []
    left = Counter(wanted)
    for line in [*lines, *(old.lines if old else [])]:
        if left[line.canonical] > 0:
            left[line.canonical] -= 1
            kept.append(line)
    return kept
