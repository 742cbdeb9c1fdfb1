"""Run by the Python of the peers, which has statsforecast: python peer_forecasts.py IN.npz OUT.npz (only numpy and statsforecast are imported).

IN holds `values` (T, n) with NaN before a series begins, `rows` (first test row of each origin), `horizon`, `season`. OUT holds the point
forecasts of AutoETS (origins, horizon, n), NaN where a series had fewer than three seasons, its CPU seconds and the versions.
"""

import os
import sys
import time

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import numpy as np
import statsforecast
from statsforecast.models import AutoETS


def main() -> None:
    """Forecast every series at every origin and write what came out."""
    told = np.load(sys.argv[1])
    values, rows, horizon, season = told["values"], told["rows"], int(told["horizon"]), int(told["season"])
    AutoETS(season_length=season).forecast(
        y=np.random.default_rng(0).random(200), h=2
    )  # compiled before the clock starts
    said, start = np.full((len(rows), horizon, values.shape[1]), np.nan), time.process_time()
    for place, row in enumerate(rows):
        for series in range(values.shape[1]):
            history = values[:row, series]
            history = history[~np.isnan(history)]
            if len(history) >= 3 * season:
                said[place, :, series] = AutoETS(season_length=season).forecast(y=history, h=horizon)["mean"]
    versions = [f"statsforecast {statsforecast.__version__}", f"numpy {np.__version__}"]
    np.savez(sys.argv[2], said=said, cpu_s=time.process_time() - start, versions=versions)


if __name__ == "__main__":
    main()
