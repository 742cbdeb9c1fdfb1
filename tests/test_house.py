"""The house is as its documents say: the captioned tree, the layers, the notebooks, the words it must not hold."""

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "src" / "workbench"
ARCHITECTURE = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def tree(text: str) -> set[str]:
    """The folders of the captioned tree."""
    block = text.split("## Rooms")[1].split("```")[1]
    folders, parents = set(), [""]
    for line in block.strip("\n").splitlines():
        depth, name = (len(line) - len(line.lstrip())) // 2, line.split()[0]
        parents[depth + 1 :] = []
        parents.append(parents[depth] + name)
        folders.add(parents[-1].rstrip("/"))
    return folders


def test_the_captioned_tree_is_the_tree() -> None:
    told = tree(ARCHITECTURE)
    assert [folder for folder in sorted(told) if not (PROJECT / folder).is_dir()] == []
    rooms = {f"src/workbench/{path.parent.name}" for path in SOURCE.glob("*/__init__.py")}
    assert rooms <= told


def test_the_layers_of_the_document_are_the_contract() -> None:
    contract = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    assert contract["exhaustive"] is True
    block = ARCHITECTURE.split("## Layers")[1].split("```")[1].strip().splitlines()
    assert block == contract["layers"]


def test_a_planted_import_upwards_breaks_the_contract(tmp_path: Path) -> None:
    copy = tmp_path / "workbench"
    for path in SOURCE.rglob("*.py"):
        target = copy / path.relative_to(SOURCE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (copy / "money.py").write_text("import workbench.schemas.tables\n")
    (tmp_path / "pyproject.toml").write_bytes((PROJECT / "pyproject.toml").read_bytes())
    linter = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [linter, "--no-cache"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "workbench.money -> workbench.schemas.tables" in done.stdout


@pytest.mark.parametrize("path", sorted((PROJECT / "notebooks").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_short_stripped_and_hold_no_code_of_their_own(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert all(
        cell.get("outputs") == [] and cell.get("execution_count") is None
        for cell in cells
        if cell["cell_type"] == "code"
    )
    assert len(code) <= 15
    assert sum(len(text.splitlines()) for text in code) <= 80
    nodes = [node for text in code for node in ast.walk(ast.parse(text))]
    assert not [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"HTML", "Markdown", "Path", "open"}


def test_modules_stay_short() -> None:
    long = {
        str(path.relative_to(SOURCE)): n
        for path in SOURCE.rglob("*.py")
        if (n := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_attributions_name_files_that_exist() -> None:
    text = (PROJECT / "docs" / "attributions.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| S\d\.\d+ ", text, flags=re.M)) == 70
    named = re.findall(r"`((?:notebooks|tests)/[^`]+)`", text)
    assert [name for name in sorted(set(named)) if not (PROJECT / name).exists()] == []


@pytest.mark.parametrize(
    "path", ["attributions.md", *(f"methods/{p.name}" for p in (PROJECT / "docs" / "methods").glob("*.md"))]
)
def test_documents_name_functions_that_exist(path: str) -> None:
    text = (PROJECT / "docs" / path).read_text(encoding="utf-8")
    rooms = {folder.parent.name for folder in SOURCE.glob("*/__init__.py")}
    named = {
        tuple(whole.rsplit(".", 1)) for whole in re.findall(r"`(\w+(?:\.\w+)+)`", text) if whole.split(".")[0] in rooms
    }
    missing = [
        f"{room}.{name}"
        for room, name in sorted(named)
        if not hasattr(importlib.import_module(f"workbench.{room}"), name)
        and importlib.util.find_spec(f"workbench.{room}.{name}") is None
    ]
    assert missing == []


def inner_imports(folder: Path, room: str) -> set[tuple[str, str]]:
    """(part, part) of a room where a module of one part imports from another; "" is the room's own flat modules."""
    found = set()
    for path in folder.rglob("*.py"):
        inside = path.relative_to(folder).parts
        here = inside[0] if len(inside) > 1 else ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"workbench.{room}."):
                named = str(node.module).split(".")[2]
                found.add((here, named if (folder / named).is_dir() else ""))
    return found


def test_alcoves_of_recovery_do_not_meet(tmp_path: Path) -> None:
    room = SOURCE / "recovery"
    alcoves = {path.parent.name for path in room.glob("*/__init__.py")}
    assert len(alcoves) >= 5
    crossing = {(here, there) for here, there in inner_imports(room, "recovery") if there and here != there}
    assert crossing == set()
    planted = tmp_path / "recovery"
    (planted / "ranking").mkdir(parents=True)
    (planted / "triangles").mkdir()
    (planted / "ranking" / "a.py").write_text("from workbench.recovery.triangles.grid import Grid\n")
    assert inner_imports(planted, "recovery") == {("ranking", "triangles")}
