"""How a race is measured and told: a way in a process of its own, figures as ratios, one JSON line a result."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(
    os.environ.get("WORKBENCH_REAL_DATA", PROJECT.parent / "shared" / "data")
)  # files that nobody here wrote


@dataclass(frozen=True)
class Cost:
    """What a piece of work took: CPU of all its processes, time on the wall, the most memory that one of them held."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def most(size: int) -> int:
    """A size of the issue, or BENCH_ROWS where that is lower: for a short try."""
    return min(size, int(os.environ.get("BENCH_ROWS", size)))


def in_a_process(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Cost:
    """Run a module that prints its own cost (`tell_cost`) as its last line, alone in a process."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} ended with {done.returncode}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def tell_cost(cpu_s: float, wall_s: float, peak_mib: float) -> None:
    """Print the cost of what this process did, for `in_a_process`."""
    print(json.dumps({"cpu_s": cpu_s, "wall_s": wall_s, "peak_mib": peak_mib}))


def peak_mib(process: int | str = "self") -> float:
    """The most memory that a process held since it started (not `ru_maxrss`: a child inherits that of its parent)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    told = status.split("VmHWM:")
    return int(told[1].split()[0]) / 1024 if len(told) > 1 else 0.0  # a process that has ended holds nothing


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu_s", "wall_s", "peak_mib")))


def tell(benchmark: str, what: str, ours: float, peer: float | None, unit: str, target: str, **more: Any) -> None:
    """One result: a JSON line on standard output, a readable one on standard error.

    `ratio` is ours ÷ peer. `target` is a bound as "≤ 1.15", of the ratio or, without a peer, of ours ("4 × less" is "≤ 0.25"); any
    other words are no bound.
    """
    ratio = ours / peer if peer else None
    row = {
        "benchmark": benchmark,
        "what": what,
        "ours": ours,
        "peer": peer,
        "ratio": ratio,
        "unit": unit,
        "target": target,
    }
    print(json.dumps(row | more, ensure_ascii=False), flush=True)
    told = f"{ours:.3g} {unit}" + (f" against {peer:.3g} = {ratio:.3g}" if peer else "")
    print(f"{benchmark}: {what}: {told} (target {target})", file=sys.stderr, flush=True)
