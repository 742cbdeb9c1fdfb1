"""Run by the Python of the peers, which has chainladder: python peer_triangles.py IN.json OUT.json (only numpy, pandas and chainladder are imported).

IN holds `samples` (names of triangles of the package) or `triangles` ({name: rows of cumulative amounts, null where not known}). OUT holds, by
name, `values` (the triangle), `ultimates`, `total_error`, and with the last diagonal hidden `said` and `errors` (n, m), the completed triangle and its
standard errors; `cpu_s` and the versions.
"""

import json
import sys
import time
import warnings

import chainladder as cl
import numpy as np
import pandas as pd

FIRST = 1981


def main() -> None:
    """Fit Mack's chain ladder to every triangle, whole and without its last diagonal, and write what came out."""
    warnings.filterwarnings("ignore")
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    triangles = dict(asked.get("triangles") or {})
    for name in asked.get("samples") or ():
        cells = cl.load_sample(name).values[0, 0]
        triangles[name] = [[None if np.isnan(cell) else float(cell) for cell in row] for row in cells]
    told = {name: fitted(np.array(rows, np.float64)) for name, rows in triangles.items()}
    versions = {"chainladder": cl.__version__, "pandas": pd.__version__, "numpy": np.__version__}
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump({"triangles": told, "versions": versions}, file)


def fitted(cells: np.ndarray) -> dict:
    """What the package says of a triangle."""
    periods = np.add.outer(np.arange(len(cells)), np.arange(cells.shape[1]))
    hidden = np.where(periods < periods[~np.isnan(cells)].max(), cells, np.nan)
    whole_triangle, hidden_triangle = as_triangle(cells), as_triangle(hidden)
    start = time.process_time()
    whole, before = mack(whole_triangle), mack(hidden_triangle)
    said = before.full_triangle_.values[0, 0][:, : cells.shape[1]]
    errors = before.mack_std_err_.values[0, 0][:, : cells.shape[1]]
    spent = time.process_time() - start
    return {
        "values": plain(cells),
        "ultimates": whole.ultimate_.values.ravel().tolist(),
        "total_error": float(whole.total_mack_std_err_.values.ravel()[0]),
        "said": plain(said),
        "errors": plain(errors),
        "cpu_s": spent,
    }


def mack(triangle: cl.Triangle) -> cl.MackChainladder:
    """Mack's model with his own rule for the last variance."""
    return cl.MackChainladder().fit(cl.Development(sigma_interpolation="mack").fit_transform(triangle))


def as_triangle(cells: np.ndarray) -> cl.Triangle:
    """A triangle of the package, of years."""
    row, column = np.nonzero(~np.isnan(cells))
    table = pd.DataFrame({"origin": FIRST + row, "year": FIRST + row + column, "amount": cells[row, column]})
    return cl.Triangle(table, origin="origin", development="year", columns=["amount"], cumulative=True)


def plain(cells: np.ndarray) -> list:
    """Rows with null where nothing is known."""
    return [[None if np.isnan(cell) else float(cell) for cell in row] for row in cells]


if __name__ == "__main__":
    main()
