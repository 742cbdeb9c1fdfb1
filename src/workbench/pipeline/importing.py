"""Importing: files → readings → booked days and tables, as one import with one commit.

Each file is read by the one profile that knows its name. Bank statements are booked by `intake.booking`; other tables are added
by key, and a row that changed replaces its older version (which stays readable in the history). Registers come first, so that
aliases of the same import serve its statements. Nothing is written before everything is read.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench import store
from workbench.errors import WorkbenchError
from workbench.intake.booking import Booking, Outcome, Rules, book
from workbench.intake.pages import Statement, statements_of
from workbench.intake.profiles import Profile, profile_for
from workbench.intake.reading import Reading, digest, read_file, read_with
from workbench.pipeline import bank_ledger
from workbench.pipeline.account_names import AccountNames
from workbench.pipeline.agreement import STORED, completed, differences, disagreements
from workbench.schemas.checking import Problem, problems_table
from workbench.schemas.tables import TABLES

Progress = Callable[[int, int, str], None]
BAD = ("refused", "held")


@dataclass
class ImportReport:
    """What an import did: a row a statement, the problems, the rows added a table."""

    import_id: str | None
    statements: list[dict[str, Any]]
    problems: list[Problem]
    row_counts: dict[str, int]
    files: list[dict[str, Any]]

    @property
    def exit_code(self) -> int:
        """0 done, 3 done with refusals."""
        refused = any(row["status"] in BAD for row in self.statements) or any(p.severity in BAD for p in self.problems)
        return 3 if refused else 0

    @property
    def refused_count(self) -> int:
        """Statements refused or held, and files refused that gave none."""
        told = {row["file"] for row in self.statements}
        whole = [file for file in self.files if file["status"] == "refused" and file["file"] not in told]
        return len(whole) + len([row for row in self.statements if row["status"] in BAD])

    def as_json(self) -> dict[str, Any]:
        """The report as `import --json` prints it."""
        problems = [
            {
                "code": p.code,
                "severity": p.severity,
                "where": p.where,
                "message": p.message("fr"),
                "message_en": p.message("en"),
                "remedy": p.remedy("fr"),
                "remedy_en": p.remedy("en"),
            }
            for p in self.problems
        ]
        return {
            "import": self.import_id,
            "statements": self.statements,
            "problems": problems,
            "rows": self.row_counts,
            "files": self.files,
        }


@dataclass(eq=False)  # a file is itself: comparing readings of two thousand files would take longer than reading them
class _File:
    path: Path
    sha256: str
    other_sha256: str = ""  # of the file that it is read with, where there is one
    profile: Profile | None = None
    reading: Reading | None = None
    problems: list[Problem] = field(default_factory=list)
    status: str = "imported"
    rows: int = 0
    name: str = ""  # in all that is said: that of its path, with its folder where two of an import bear it

    @cached_property  # asked for at every step of an import; made once the file has been read
    def statements(self) -> list[Statement]:
        """The statements of a bank's file; none of any other."""
        if self.reading is None or "read_statements" not in self.reading.tables:
            return []
        tables = self.reading.tables
        return statements_of(self.name, self.sha256, tables["read_statements"], tables["read_lines"])

    @property
    def table_names(self) -> list[str]:
        """The tables of the store that a file fills, but for a bank's statements."""
        return [name for name in (self.reading.tables if self.reading else {}) if name in TABLES]


def import_files(
    office: Path,
    files: Sequence[Path],
    profiles: Mapping[str, Profile],
    actor: str,
    accept_unbalanced: str | None = None,
    replace: str | None = None,
    require_registered: bool = False,
    progress: Progress | None = None,
    again: bool = False,
) -> ImportReport:
    """Import files into an office, all or nothing, and say what became of every statement.

    `accept_unbalanced` and `replace` are reasons that a person gives: they let in statements that do not balance, and let a
    contradicting day supersede the booked one. Files that came in whole before are passed over, unless `again`: a person who
    names a file may want it back after another version took its place; an inbox read every morning must not bring old versions back.
    Raises `StoreError` where the store cannot be written.
    """
    read = []
    for number, path in enumerate(sorted(files, key=str)):  # before the lock: reading is long, and writes nothing
        if progress:
            progress(number, len(files), path.name)
        read.append(_read(path, profiles))
    _leave_out_pairs(read)
    _name_apart(read)
    with store.writer(office, kind="import", actor=actor, note=replace or accept_unbalanced) as writer:
        known = _known_files(writer)
        fresh = [file for file in read if again or file.status != "imported" or not _is_known(file, known)]
        seen = set(read) - set(fresh)
        tables = _tables(writer, fresh, replace)
        counts = _write_tables(writer, tables, fresh)
        for file in fresh:
            if (names := file.table_names) and file.status == "imported" and not any(counts[name] for name in names):
                file.status = "unchanged"
        statements, refused = _statements(fresh, _names(writer, tables, fresh), require_registered)
        complete = frozenset(
            s.account_identifier for f in fresh for s in f.statements if f.profile and f.profile.complete_days
        )
        ledger = bank_ledger.booked_days(writer, statements)
        booking = book(statements, ledger, Rules(accept_unbalanced, replace, complete))
        booking.outcomes += refused
        counts |= bank_ledger.write(writer, booking, ledger, actor, accept_unbalanced or replace)
        problems = [p for file in fresh for p in file.problems] + booking.problems
        _set_status(fresh, booking)
        _write_files(writer, fresh, problems, counts)
        news = {name for name, count in counts.items() if count} - {"import_files", "problems"}
        if not news and not any(p.severity in BAD for p in problems) and all(_is_known(file, known) for file in fresh):
            writer.abandon()
            counts = {}  # nothing was written
        rows = _seen_before(writer, [f for f in read if f in seen]) + [_row(o) for o in booking.outcomes]
        files_said = [{"file": f.name, "status": "unchanged" if f in seen else f.status} for f in read]
        return ImportReport(
            None if writer.is_abandoned else writer.import_id,
            rows,
            problems,
            {k: v for k, v in counts.items() if v},
            files_said,
        )


def _read(path: Path, profiles: Mapping[str, Profile]) -> _File:
    file = _File(path, "")
    try:
        file.sha256 = digest(path)
        file.profile = profile_for(path, profiles)
        if other := read_with(path, file.profile):
            file.other_sha256 = digest(other)
        file.reading = read_file(path, file.profile)
        file.problems = list(file.reading.problems)
    except WorkbenchError as error:
        code = "profile_missing" if file.profile is None else "file_unreadable"
        file.problems = [Problem(code, "refused", {"reason": error.what}, path.name, error.line_number)]
        file.status = "refused"
    except OSError as error:
        file.problems = [Problem("file_unreadable", "refused", {"reason": error.strerror or str(error)}, path.name)]
        file.status = "refused"
    return file


def _leave_out_pairs(files: Sequence[_File]) -> None:
    """A file that is read with another one says so only where that one is not in the same import."""
    here = {file.path for file in files}
    for file in files:
        file.problems = [
            problem
            for problem in file.problems
            if problem.code != "multicash_pair" or file.path.with_name(problem.values["pair"]) not in here
        ]


def _name_apart(files: Sequence[_File]) -> None:
    """Give two files of one name in an import the folder of each, and the whole path where that is the same too."""
    for name_of in (lambda path: path.name, lambda path: f"{path.parent.name}/{path.name}", str):
        names = Counter(file.name for file in files)
        for file in files:
            if not file.name or names[file.name] > 1:
                file.name = name_of(file.path)
    for file in files:
        file.problems = [
            replace(problem, file_name=file.name) if problem.file_name == file.path.name else problem
            for problem in file.problems
        ]


def _known_files(writer: Any) -> set[str]:
    """Hashes of the files that came in whole: a short cut, never the proof (days are compared whatever the file)."""
    rows = writer.read("import_files").filter("file_status_code in ('imported', 'unchanged')").project("file_sha256")
    return {row[0] for row in rows.fetchall()}


def _is_known(file: _File, known: set[str]) -> bool:
    """Whether a file, and the one it is read with, came in whole before. A ticket of a query may bring other rows today."""
    is_ticket = file.profile is not None and file.profile.format == "database"
    return not is_ticket and {file.sha256, file.other_sha256 or file.sha256} <= known


# ── tables other than statements


def _tables(writer: Any, files: Sequence[_File], replace: str | None) -> dict[str, pa.Table]:
    """The tables of all files, which their reading has checked; a file with a refused row is left out whole, so is one whose rows
    contradict what another says of the same key, unless a person gives a reason to let it."""
    for file in files:
        if file.table_names and any(p.severity == "refused" for p in file.problems):
            file.status = "refused"
    if not replace:
        _refuse_contradictions(writer, files)
    tables = {name: pa.concat_tables([part for _, part in found]) for name, found in _parts(files).items()}
    for file in files:
        if file.status != "refused" and file.reading:
            file.rows += sum(len(file.reading.tables[name]) for name in file.table_names)
    if replace:
        return tables
    return {
        name: completed(writer.read(name), part, TABLES[name]) if TABLES[name].is_of_events else part
        for name, part in tables.items()
    }


def _parts(files: Sequence[_File]) -> dict[str, list[tuple[int, pa.Table]]]:
    """By table: (number of the file, its rows), without the files that are refused."""
    parts: dict[str, list[tuple[int, pa.Table]]] = defaultdict(list)
    for number, file in enumerate(files):
        for name in file.table_names if file.reading and file.status != "refused" else ():
            parts[name].append((number, file.reading.tables[name]))  # type: ignore[union-attr]
    return parts


def _refuse_contradictions(writer: Any, files: Sequence[_File]) -> None:
    for name, parts in _parts(files).items():
        if not (TABLES[name].is_of_events or TABLES[name].version):
            continue
        for found in disagreements(writer.read(name), parts, TABLES[name]):
            file = files[found.file]
            code = "key_contradicts_stored" if found.other == STORED else "key_contradicts_file"
            values = {"count": found.count, "keys": ", ".join(found.keys), "table": name}
            values["other"] = "" if found.other == STORED else files[found.other].name
            file.problems.append(Problem(code, "refused", values, file.name, None, name, row_key=found.keys[0]))
            file.status = "refused"


def _write_tables(writer: Any, tables: Mapping[str, pa.Table], files: Sequence[_File]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, incoming in tables.items():
        new, changed, uncleared = differences(writer.read(name), incoming, TABLES[name])
        if uncleared:
            values = {"count": uncleared, "table": name}
            files[0].problems.append(Problem("clearing_gone", "warning", values, None, None, name, "clearing_date"))
        if len(changed):
            writer.replace(name, changed)
            files[0].problems.append(
                Problem("rows_updated", "noted", {"count": len(changed), "table": name}, None, None, name)
            )
        if len(new):
            writer.append(name, new)
        counts[name] = len(new) + len(changed)
    return counts


# ── statements


def _names(writer: Any, tables: Mapping[str, pa.Table], files: Iterable[_File]) -> AccountNames:
    """The names of accounts, stored and of this import. A name that two accounts claim is told where this import brings aliases."""
    parts = [writer.read("account_aliases").to_arrow_table(), tables.get("account_aliases")]
    accounts = writer.read("bank_accounts").to_arrow_table()["account_number"].to_pylist()
    new = tables["bank_accounts"]["account_number"].to_pylist() if "bank_accounts" in tables else []
    names = AccountNames((row for part in parts if part for row in part.to_pylist()), [*accounts, *new])
    for file in files:
        if "account_aliases" in file.table_names and file.status == "imported":
            for form, identifier, numbers in names.claimed_twice():
                values = {"account": identifier, "format": form, "numbers": ", ".join(numbers)}
                file.problems.append(
                    Problem("alias_claimed_twice", "warning", values, file.name, None, "account_aliases")
                )
    return names


def _statements(
    files: Iterable[_File], names_of: AccountNames, require_registered: bool
) -> tuple[list[Statement], list[Outcome]]:
    """Statements to book; those whose identifier fits two accounts, or none where the office requires one, are refused."""
    good: list[Statement] = []
    refused: list[Outcome] = []
    said: set[str] = set()
    for file in files:
        for statement in file.statements:
            day = statement.closing_date or statement.opening_date
            names = names_of.accounts(statement.format_code, statement.account_identifier, day)
            code = (
                "account_ambiguous"
                if len(names) > 1
                else "account_unregistered_refused"
                if not names and require_registered
                else ""
            )
            values = {"account": statement.account_identifier, "numbers": ", ".join(sorted(names))}
            if code:
                problem = Problem(code, "refused", values, file.name, statement.line_number, "statements")
                file.problems.append(problem)
                refused.append(Outcome(statement, "refused", problem.message("fr"), problem.message("en")))
                continue
            if not names and statement.proof_code != "broken" and statement.account_identifier not in said:
                said.add(statement.account_identifier)
                file.problems.append(
                    Problem("account_unregistered", "warning", values, file.name, statement.line_number)
                )
            good.append(statement)
    return good, refused


# ── what is said


def _set_status(files: Iterable[_File], booking: Booking) -> None:
    by_file: dict[str, list[str]] = defaultdict(list)
    for outcome in booking.outcomes:
        by_file[outcome.statement.file_sha256].append(outcome.status)
    for file in files:
        statuses = by_file.get(file.sha256, [])
        file.rows += sum(len(statement.lines) for statement in file.statements)
        bad = sum(status in BAD for status in statuses)
        if bad or (file.status == "imported" and any(p.severity in BAD for p in file.problems)):
            file.status = "refused" if bad == len(statuses) else "partly"


def _write_files(writer: Any, files: Iterable[_File], problems: Sequence[Problem], counts: dict[str, int]) -> None:
    found: dict[str | None, int] = defaultdict(int)
    for problem in problems:
        found[problem.file_name] += 1
    rows = [
        {
            "import_id": writer.import_id,
            "file_name": file.name,
            "file_sha256": file.sha256,
            "profile_name": file.profile.name if file.profile else "",
            "format_code": None,
            "file_status_code": file.status,
            "row_count": file.rows,
            "problem_count": found[file.name],
        }
        for file in files
    ]
    for name, table in (
        ("import_files", pa.Table.from_pylist(rows, schema=TABLES["import_files"].arrow)),
        ("problems", problems_table(problems, writer.import_id)),
    ):
        if len(table):
            writer.append(name, table)
            counts[name] = len(table)


def _row(outcome: Outcome) -> dict[str, Any]:
    s = outcome.statement
    return {
        "file": s.file_name,
        "account": s.account_identifier,
        "currency": s.currency_code,
        "opening_centimes": s.opening_centimes,
        "closing_centimes": s.closing_centimes,
        "movements": len(s.lines),
        "status": outcome.status,
        "reason": outcome.reason,
        "reason_en": outcome.reason_en,
    }


def _seen_before(writer: Any, files: Sequence[_File]) -> list[dict[str, Any]]:
    """The statements of files whose hash is known: nothing was read again, they are unchanged."""
    return [_row(Outcome(statement, "unchanged")) for file in files for statement in file.statements]
