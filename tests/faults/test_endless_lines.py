"""A file of one endless line, read in a process of its own: refused with a reason, in little time and memory.

The short run is 5 MB; `WORKBENCH_FAULT_ROUNDS` (1,000 in `make faults`) makes it 200 MB.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.formats.hostile_files import KINDS

pytestmark = pytest.mark.faults
SIZE = int(os.environ.get("WORKBENCH_FAULT_ROUNDS", "25")) * 200_000
PROJECT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MIB = 60, 1024
CHILD = """
import json, resource, sys, time
from pathlib import Path
from tests.intake.formats.hostile_files import KINDS
from workbench.errors import ReadingError
from workbench.intake.reading import read_file
kind, path = KINDS[sys.argv[1]], Path(sys.argv[2])
started = time.process_time()
try:
    reading = read_file(path, kind.profile)
    told, rows = [p.code for p in reading.problems if p.severity == "refused"], sum(len(rows) for name, rows in reading.tables.items() if name != "read_statements")
except ReadingError as error:
    told, rows = [error.what], 0
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"told": told, "rows": rows, "seconds": time.process_time() - started, "mib": peak}))
"""


@pytest.mark.parametrize("unit", ["x;", "05" + "1" * 118])
@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_endless_line_is_refused_in_little_time_and_memory(tmp_path: Path, name: str, unit: str) -> None:
    paths = KINDS[name].write(tmp_path, (unit * (SIZE // len(unit))).encode())
    path = paths[-1] if name == "multicash movements" else paths[0]  # movements are read with their statements
    command = [sys.executable, "-c", CHILD, name, str(path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    print(name, unit[:4], told["told"][:1], f"{told['seconds']:.1f} s, {told['mib']:.0f} MiB")
    assert told["rows"] == 0
    assert 1 <= len(told["told"]) <= 101
    assert told["seconds"] < MOST_SECONDS
    assert told["mib"] < MOST_MIB
