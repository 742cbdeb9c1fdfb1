"""The peers of the forecasting races: where their Python is, and how it is asked."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.evidence import Floats

HERE = Path(__file__).parent
PEER = HERE / ".peers" / "statsforecast" / "bin" / "python"


@dataclass(frozen=True)
class PeerForecasts:
    """Point forecasts of AutoETS (origins, H, n), the CPU seconds they took, the versions that made them."""

    said: Floats
    cpu_s: float
    versions: dict[str, str]


def peer_python() -> Path:
    """The Python that has statsforecast: BENCH_PEERS, else that of `benchmarks/.peers/statsforecast`."""
    return Path(os.environ.get("BENCH_PEERS", PEER))


def auto_ets(values: Floats, rows: list[int], horizon: int, season: int, python: Path) -> PeerForecasts | None:
    """What AutoETS says at each origin; None, told on standard error, where that Python or statsforecast is absent."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(asked, values=values, rows=rows, horizon=horizon, season=season)
        if not python.exists():
            print(f"no peers: {python} does not exist; see benchmarks/README.md", file=sys.stderr)
            return None
        done = subprocess.run(
            [python, HERE / "peer_forecasts.py", asked, told], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"no peers: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return None
        found = np.load(told)
        versions = dict(str(each).split(" ") for each in found["versions"])
        return PeerForecasts(found["said"], float(found["cpu_s"]), versions)
