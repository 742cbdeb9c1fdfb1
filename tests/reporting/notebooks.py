"""Tiny notebooks and a tiny project, written by the tests that run them."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import nbformat

PARAMETERS = """as_of: str = "2024-12-31"  # date d'arrêté
directorate: str = ""  # direction
horizon_days: int = 5  # jours [1..30]
share: float = 0.5  # part
detailed: bool = False  # détail
lang: str = "fr"  # langue"""
ANSWER = "from IPython.display import HTML\nHTML(f\"<p class='verdict'>{as_of} {directorate!r} {horizon_days}</p>\")"


def write_notebook(path: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """A notebook of a parameters cell and code cells."""
    nb: Any = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    nb.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path


def project(folder: Path, **notebooks: str) -> Path:
    """A project whose reports `tests/<name>` hold one cell each."""
    for name, cell in notebooks.items():
        write_notebook(folder / "notebooks" / "tests" / f"{name}.ipynb", cell)
    (folder / "requirements.lock").write_text("none\n", encoding="utf-8")
    (folder / "data" / "reference").mkdir(parents=True)
    (folder / "office").mkdir()
    return folder


def export(nb: Any, report: str, lang: str, stamp: Mapping[str, str]) -> str:
    """The plainest page that shows every output."""
    shown = []
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown.append(
                data.get("text/html") or f"<pre>{escape(data.get('text/plain') or output.get('text', ''))}</pre>"
            )
    return f"<!DOCTYPE html><html lang='{lang}'><title>t</title><h1>{report}</h1>{''.join(shown)}<p>{dict(stamp)}</p></html>"
