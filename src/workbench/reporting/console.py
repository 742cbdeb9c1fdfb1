"""How the command line speaks: sentences in two languages, rows as a table or JSON, progress on a terminal or as JSON lines."""

import functools
import json
import math
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from workbench.errors import WorkbenchError, WrongUse

Told = Callable[[int, int, str], None]
SEVERITIES = ("refused", "held", "warning", "noted")
ALIKE = 3  # problems of one kind that are printed
WIDE = 10_000  # characters of a line off a terminal
SHOWN = 20  # problems shown to a person; a program reads them all


@functools.cache
def _sentences() -> dict[str, dict[str, str]]:
    source = files("workbench.reporting").joinpath("sentences", "cli.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def say(key: str, lang: str, **values: Any) -> None:
    """Print a sentence."""
    print(sentence(key, lang, **values))


def sentence(key: str, lang: str, **values: Any) -> str:
    """A sentence with its values. Raises `WrongUse` for a language other than fr and en."""
    if lang not in ("fr", "en"):
        raise WrongUse(f"language {lang!r} is not fr or en", where="--lang")
    return _sentences()[key][lang].format(**values)


def asked_language(arguments: Sequence[str]) -> str:
    """The language that a command line asks for with `--lang`, before or without its being read; French where it asks for none."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    asked = [text.partition("=")[2] or after for text, after in pairs if text.partition("=")[0] == "--lang"]
    return "en" if asked[-1:] == ["en"] else "fr"


def ended(error: BaseException, arguments: Sequence[str]) -> str:
    """What is said of the error that ended a command, in the language that its command line asks for."""
    lang = asked_language(arguments)
    if isinstance(error, WorkbenchError):
        return error.said(lang)
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    return sentence("stopped", lang)


def print_json(value: Any) -> None:
    """Print a value for programs."""
    print(json.dumps(_plain(value), ensure_ascii=False, indent=1, default=str, allow_nan=False))


def _plain(value: Any) -> Any:
    """A value as JSON has it: what is no number is null, a whole sum is a number however wide, bytes are hexadecimal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal) and value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return int(value)
    return value.hex() if isinstance(value, bytes) else value


def print_rows(rows: Sequence[Mapping[str, Any]], as_json: bool, hidden: Collection[str] = ()) -> None:
    """Print rows, as a table (without the columns `hidden`) or as JSON. Text is never read as markup."""
    if as_json:
        print_json(list(rows))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = [name for name in rows[0] if name not in hidden] if rows else []
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if row[name] is None else printable(str(row[name]))) for name in names))
    # Off a terminal a row is one line, however long: programs cut it at line ends.
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def printable(text: str) -> str:
    """Text that a terminal only shows: a label of a bank must not move its cursor or reverse its line."""
    return "".join("\ufffd" if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char for char in text)


@contextmanager
def progress(title: str) -> Iterator[Told]:
    """A bar on a terminal; elsewhere a JSON line every tenth of the way, on stderr."""
    if sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, total, name: bar.update(
                task, completed=done, total=total, description=f"{title} {name[:40]}"
            )
        return
    last = -1

    def tell(done: int, total: int, name: str) -> None:
        nonlocal last
        if total and done * 10 // total != last:
            last = done * 10 // total
            line = {"at": datetime.now(UTC).isoformat(), "step": title, "done": done, "total": total, "on": name}
            print(json.dumps(line, ensure_ascii=False), file=sys.stderr)

    yield tell


def show_problems(problems: Sequence[Any], lang: str, more: Sequence[str] = ()) -> None:
    """Print problems of data on stderr: the gravest first, at most `ALIKE` of one kind, so that a note never hides a refusal.

    `more`: what is said after each of them, in their order.
    """
    behind = more or [""] * len(problems)
    ordered = sorted(zip(problems, behind, strict=True), key=lambda told: SEVERITIES.index(told[0].severity))
    seen: Counter[str] = Counter()
    shown = 0
    for problem, after in ordered:
        seen[problem.code] += 1
        if seen[problem.code] <= ALIKE and shown < SHOWN:
            shown += 1
            word = sentence(f"severity_{problem.severity}", lang)
            said = f"{word}  {problem.where}: {problem.message(lang)} {problem.remedy(lang)} {after}".rstrip()
            print(f"  {printable(said)}", file=sys.stderr)
    if shown < len(problems):
        print(f"  {sentence('more_problems', lang, count=len(problems) - shown)}", file=sys.stderr)


def rows_of(table: Any) -> list[dict[str, Any]]:
    """Rows of an Arrow table or of a relation, with exact values."""
    arrow = table if hasattr(table, "to_pylist") else table.to_arrow_table()
    found = arrow.column_names  # two columns of one name would be one key of a row
    names = [name if name not in found[:n] else f"{name}_{found[:n].count(name) + 1}" for n, name in enumerate(found)]
    return [dict(row) for row in arrow.rename_columns(names).to_pylist()]
