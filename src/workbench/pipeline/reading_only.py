"""Reading files without storing anything: what an import would find wrong with each of them, before it is done."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.intake.booking import Ledger, book
from workbench.intake.pages import Statement, statements_of
from workbench.intake.profiles import Profile, profile_for
from workbench.intake.reading import read_file
from workbench.schemas.checking import Problem


def check_files(paths: Sequence[Path], profiles: Mapping[str, Profile]) -> list[Problem]:
    """Every problem of the files themselves, and of their statements booked on an empty ledger: unbalanced, broken, at odds.

    What only the store can tell (a day at odds with one that is booked) is left to the import.
    """
    problems: list[Problem] = []
    statements: list[Statement] = []
    for path in paths:
        code = "profile_missing"
        try:
            profile = profile_for(path, dict(profiles))
            code = "file_unreadable"
            reading = read_file(path, profile)
        except WorkbenchError as error:
            problems.append(Problem(code, "refused", {"reason": error.what}, path.name))
            continue
        problems += reading.problems
        if "read_statements" in reading.tables:
            statements += statements_of(path.name, "", reading.tables["read_statements"], reading.tables["read_lines"])
    told = book(statements, Ledger({}, {})).problems
    return problems + [problem for problem in told if problem.severity in ("refused", "held")]
