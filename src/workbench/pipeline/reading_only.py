"""Reading files without storing anything: what an import would find wrong with each of them, before it is done."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.intake.profiles import Profile, profile_for
from workbench.intake.reading import read_file
from workbench.schemas.checking import Problem


def check_files(paths: Sequence[Path], profiles: Mapping[str, Profile]) -> list[Problem]:
    """Every problem of the files themselves; what only the store can tell (a contradicted day) is left to the import."""
    problems: list[Problem] = []
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
    return problems
