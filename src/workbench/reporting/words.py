"""Words: sentences as data, numbers and dates as the language writes them.

A sentence stands in `sentences/<report>.toml` in French and English. Its places take a kind: `{position:mdh}` millions with one
decimal, `mad` centimes in full, `pct` a share, `count` a number, `date` a day. A place without its value is an error.
"""

import functools
import string
import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from workbench.errors import RunError
from workbench.money import divide_rounded

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
MINUS = "\u2212"


def written(value: Any, kind: str, lang: str) -> str:
    """A value as a reader reads it; nothing known is « n. d. », never zero."""
    if value is None:
        return "n. d." if lang == "fr" else "n/a"
    locale = LOCALES[lang]
    if kind == "mdh":
        tenths = divide_rounded(int(value), 10_000_000)  # rounded once, from hundredths
        text = format_decimal(tenths / 10, "#,##0.0", locale)
    elif kind == "mad":
        whole, rest = divmod(abs(int(value)), 100)
        sign = "-" if int(value) < 0 else ""
        text = f"{sign}{format_decimal(whole, locale=locale)}{',' if lang == 'fr' else '.'}{rest:02d}"
    elif kind == "pct":
        text = format_percent(value, "#,##0.0 %" if lang == "fr" else "#,##0.0%", locale)
    elif kind == "count":
        text = format_decimal(int(value), locale=locale)
    elif kind == "date":
        text = format_date(value, "dd/MM/yyyy", locale)
    else:
        text = str(value)
    return text.replace("-", MINUS) if kind in ("mdh", "mad", "pct", "count") else text


class _Sentence(string.Formatter):
    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        return written(value, format_spec, self._lang)


@functools.cache
def sentences(report: str) -> dict[str, dict[str, str]]:
    """The sentences of a report, by key."""
    source = files("workbench.reporting").joinpath("sentences", f"{report.split('/')[-1]}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def say(report: str, key: str, lang: str, **values: Any) -> str:
    """A sentence of a report. Raises `RunError` where the sentence or one of its values is missing."""
    try:
        return _Sentence(lang).vformat(sentences(report)[key][lang], (), values)
    except KeyError as error:
        raise RunError(f"sentence {key!r} of {report} lacks {error}") from error


def day_of(as_of: str) -> date:
    """The date that a parameter writes (`2024-12-31`)."""
    return date.fromisoformat(as_of)
