"""The parameters of a notebook: read from its annotated cell, never executed; given values are checked before a kernel starts.

A parameter is one line of the cell tagged `parameters`: `name: type = default  # meaning [limits]`. The type is `str`, `int`, `float`
or `bool`; the limits, in square brackets at the end of the comment, are a range `[1..30]` or a choice `[fr|en]`. `as_of` and every
name that ends in `_date` or starts with `as_of` is an ISO date; `lang` is `fr` or `en`. Text stays text: a leading zero survives.
"""

import ast
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import nbformat

from workbench.errors import WrongUse

TYPES = ("str", "int", "float", "bool")
LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = 1990, 2100  # a date outside is a slip of the hand
_LIMITS = re.compile(r"\s*\[([^\[\]]+)\]\s*$")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_REAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `low` and `high` are inclusive, `choices` empty where anything of the type will do."""

    name: str
    type_name: str
    default: Any
    meaning: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_date(self) -> bool:
        """Whether the text must be an ISO date."""
        return self.type_name == "str" and (self.name.startswith("as_of") or self.name.endswith("_date"))

    @property
    def limits(self) -> str:
        """The limits as they are written in the notebook; those of a date are the same in all."""
        if self.choices:
            return "|".join(self.choices)
        if self.is_date:
            return f"{FIRST_YEAR}-01-01..{LAST_YEAR}-12-31"
        return "" if self.low is None or self.high is None else f"{self.low:g}..{self.high:g}"


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a notebook declares, in its order. Raises `WrongUse` where it cannot be read or declares them badly."""
    try:
        nb = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, UnicodeDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise WrongUse(f"the notebook cannot be read ({type(error).__name__})", where=notebook.name) from None
    cells = [c for c in nb.cells if c.cell_type == "code" and "parameters" in c.metadata.get("tags", [])]
    if len(cells) > 1:
        raise WrongUse("two cells are tagged 'parameters'", where=notebook.name, remedy="keep one")
    return _declared(cells[0].source, notebook.name) if cells else {}


def _declared(source: str, where: str) -> dict[str, Parameter]:
    lines = source.splitlines()
    found: dict[str, Parameter] = {}
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise WrongUse(f"the parameters cell is not Python: {error.msg}", where=f"{where}:{error.lineno}") from None
    for node in body:
        place = f"{where}, parameters cell, line {node.lineno}"
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
            raise WrongUse("a parameter is written `name: type = value  # meaning`", where=place)
        name, type_name = node.target.id, ast.unparse(node.annotation)
        if type_name not in TYPES:
            raise WrongUse(f"type {type_name!r} is none of {', '.join(TYPES)}", where=place)
        if name in found:
            raise WrongUse(f"parameter {name!r} is declared twice", where=place)
        try:
            default = ast.literal_eval(node.value)
        except ValueError:
            raise WrongUse(f"the default of {name!r} must be a plain value", where=place) from None
        end = (node.value.end_lineno or node.lineno) - 1
        comment = lines[end].encode()[node.value.end_col_offset or 0 :].decode().partition("#")[2].strip()
        found[name] = _with_limits(Parameter(name, type_name, default), comment, place)
        check_value(found[name], default, where=place)
    return found


def _with_limits(parameter: Parameter, comment: str, where: str) -> Parameter:
    match = _LIMITS.search(comment)
    choices: tuple[str, ...] = ("fr", "en") if parameter.name == "lang" else ()
    low = high = None
    if match and ".." in match[1]:
        try:
            low, high = (float(part) for part in match[1].split(".."))
        except ValueError:
            raise WrongUse(f"limits [{match[1]}] are not [low..high]", where=where) from None
    elif match:
        choices = tuple(part.strip() for part in match[1].split("|"))
    meaning = _LIMITS.sub("", comment)
    return Parameter(parameter.name, parameter.type_name, parameter.default, meaning, choices, low, high)


def validated(declared: Mapping[str, Parameter], given: Mapping[str, Any], report: str = "") -> dict[str, Any]:
    """Every declared parameter with its value: the one given, read in its declared type, or the default.

    Text given for an `int`, `float` or `bool` is read strictly (a command line has only text). Raises `WrongUse`.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise WrongUse(
            f"unknown parameter {unknown[0]!r}", where=report, remedy=f"known: {', '.join(declared) or 'none'}"
        )
    values = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.default)
        if isinstance(value, str) and parameter.type_name != "str":
            value = _from_text(parameter, value, report)
        check_value(parameter, value, where=report)
        values[name] = value
    return values


def _from_text(parameter: Parameter, text: str, where: str) -> Any:
    if parameter.type_name == "bool" and text in ("true", "false"):
        return text == "true"
    if parameter.type_name == "int" and _WHOLE.fullmatch(text):
        return int(text)
    if parameter.type_name == "float" and _REAL.fullmatch(text):
        return float(text)
    place = _place(parameter, where)
    if parameter.type_name == "bool":
        raise WrongUse(f"{text[:60]!r} is neither true nor false", where=place)
    if parameter.type_name == "int":
        raise WrongUse(f"{text[:60]!r} is not a whole number", where=place)
    raise WrongUse(f"{text[:60]!r} is not a number", where=place, remedy="write it 0.5")


def _place(parameter: Parameter, where: str) -> str:
    return f"{where}, -p {parameter.name}" if where else f"-p {parameter.name}"


def check_value(parameter: Parameter, value: Any, where: str = "") -> None:
    """Refuse a value of another type, outside its limits, or that is no date where a date is meant. Raises `WrongUse`."""
    place = _place(parameter, where)
    if type(value).__name__ != parameter.type_name:
        raise WrongUse(f"{str(value)[:60]!r} is not of type {parameter.type_name}", where=place)
    if isinstance(value, float) and not math.isfinite(value):
        raise WrongUse("the number is not finite", where=place)
    if isinstance(value, str):
        _check_text(parameter, value, place)
    if parameter.choices and str(value) not in parameter.choices:
        raise WrongUse(f"{str(value)[:60]!r} is none of {', '.join(parameter.choices)}", where=place)
    if parameter.low is not None and parameter.high is not None and not parameter.low <= float(value) <= parameter.high:
        raise WrongUse(f"{value} is out of range", where=place, remedy=f"from {parameter.low:g} to {parameter.high:g}")


def _check_text(parameter: Parameter, value: str, place: str) -> None:
    if len(value) > LONGEST_TEXT:
        raise WrongUse(f"the text has {len(value)} characters", where=place, remedy=f"at most {LONGEST_TEXT}")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in value):
        raise WrongUse("the text holds a control or direction character", where=place)
    if not parameter.is_date:
        return
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        day = None
    if day is None:
        raise WrongUse(f"{value[:60]!r} is not a date", where=place, remedy="write it 2024-12-31")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise WrongUse(f"{value} is out of range", where=place, remedy=f"from {FIRST_YEAR} to {LAST_YEAR}")
