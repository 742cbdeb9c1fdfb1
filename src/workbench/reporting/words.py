"""Words: sentences as data, numbers and dates as the language writes them.

A sentence stands in `sentences/<report>.toml` in French and English, or in `sentences/every_page.toml` where every page says it:

    [verdict]
    fr = "La position, {value:mdh} MDH, passe {low_date:day} à {low:mdh} : **{n:count} {n:plural|compte|comptes}** hors limite."
    en = "…"

A place takes a kind, after its colon:

    mdh mdh0 mdh+   hundredths, in the unit of the page (`Unit`)                412,6 · 413 · +9,2
    money money+    the same with its unit                                      412,6 MDH · 163,72 EUR
    mad mad+        hundredths, in full: exact, signed                          1 234 567,89
    mad_unit        an estimate in units of the currency, in the unit of the page   412,6
    pct pct0 pts    a share (0–1): one decimal, none; a difference in points    66,7 % · 67 % · −2,6
    count count+    a whole number                                              50 000
    days            a number of days, in whole days: measured, never added up   161
    ratio           a plain ratio, two decimals                                 0,77
    date day long month   a date            31/10/2026 · jeu. 03/10 · jeudi 3 octobre 2026 · octobre 2026
    mon week        a month in short, the number of a week                      oct. · S41
    spelt Spelt     a small number in letters                                   cinq · Cinq
    Speltf          the same, of feminine things                                Une
    plural|un|plusieurs   the word that agrees with the number (French: plural from two)
    dated           (number, unit) of a dated value: a share in percent, centimes in full, else as it is
    (none)          a text, as it is

`**…**` is bold on a page and nothing elsewhere. A sentence or a value that is missing is an error; a value that is not known
(`None`) is « n. d. », never zero. French literal text gets its no-break spaces and apostrophes here, values never do.
"""

import functools
import re
import string
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from workbench.errors import RunError, WrongUse

EVERY_PAGE = "every_page"  # the sentences that every page says
LOCALES = {"fr": "fr_FR", "en": "en_GB"}
UNKNOWN = {"fr": "n. d.", "en": "n/a"}
MINUS, NARROW, NO_BREAK = "\u2212", "\u202f", "\u00a0"
# Marks that reverse or hide the text beside them; a label of a bank must not.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
SPELT = {
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
}
UNITS = "MDH|MAD|jours?|semaines?|sem|j|pts?|ans?|mois|comptes?|centres?|lignes?|factures?|clients?|millions?"
PLACES = {"mad": 2, "mad_unit": 2, "ratio": 2, "pct": 1, "pct0": 0, "pts": 1, "count": 0, "days": 0}
MILLION = 100_000_000  # hundredths
DATES = ("date", "day", "long", "month", "mon", "week")


@dataclass(frozen=True)
class Unit:
    """What amounts of a page are written in: millions of a currency, or the currency itself where a million would be too coarse."""

    currency: str = "MAD"
    divisor: int = MILLION  # hundredths in one unit

    @property
    def places(self) -> int:
        """Decimals shown."""
        return 1 if self.divisor == MILLION else 2

    def name(self, lang: str) -> str:
        """« MDH », « M EUR », « MAD »."""
        if self.divisor != MILLION:
            return self.currency
        return "MDH" if (self.currency, lang) == ("MAD", "fr") else f"M{NO_BREAK}{self.currency}"


def unit_for(currency: str, largest_centimes: int | None) -> Unit:
    """The unit in which the largest amount of a page keeps its meaning: millions from one million on, else the currency."""
    return Unit(currency, MILLION if abs(largest_centimes or 0) >= MILLION else 100)


MDH = Unit()


def written(value: Any, kind: str, lang: str, unit: Unit = MDH) -> str:
    """A value as a reader reads it; nothing known is « n. d. », never zero. Raises `RunError` for a kind that is not one."""
    import pandas as pd  # here: the command line says sentences too, and makes no table

    if value is None or (not isinstance(value, (list, tuple, dict)) and pd.isna(value)):
        return UNKNOWN[lang]
    if kind in ("", "text"):
        return clean(str(value))
    if kind == "dated":
        number, what = value
        return written(number, {"rate": "pct", "share": "pct", "centimes": "mad"}.get(what, "count"), lang)
    if kind in DATES:
        return _written_date(pd.Timestamp(value).date(), kind, lang)
    if kind in ("spelt", "Spelt", "Speltf"):
        return _spelt(int(value), kind, lang)
    if kind.startswith("plural|"):
        one, many = kind.split("|")[1:]
        return many if (abs(value) >= 2 if lang == "fr" else abs(value) != 1) else one
    plain, sign = (kind[:-1], True) if kind.endswith("+") else (kind, kind == "pts")
    if plain not in (*PLACES, "mdh", "mdh0", "money"):
        raise RunError(f"{kind!r} is no kind of value", remedy="see reporting/words.py")
    text = _written_number(value, plain, lang, unit)
    told = f"+{text}" if sign and value > 0 and re.search("[1-9]", text) else text
    return f"{told}{NO_BREAK}{unit.name(lang)}" if plain == "money" else told


def _spelt(number: int, kind: str, lang: str) -> str:
    small = SPELT[lang][number] if 0 <= number < len(SPELT[lang]) else _decimal(Decimal(number), 0, lang)
    if kind == "Speltf" and small == "un":
        small = "une"
    return small if kind == "spelt" else small.capitalize()


def _written_number(value: Any, kind: str, lang: str, unit: Unit) -> str:
    number = Decimal(str(value))
    if kind in ("mdh", "mdh0", "money"):
        return _decimal(number / unit.divisor, 0 if kind == "mdh0" else unit.places, lang)
    if kind == "mad_unit":
        return _written_number(number * 100, "mdh", lang, unit)
    if kind == "mad":
        return _decimal(number / 100, 2, lang)
    if kind == "pts":
        return _decimal(number * 100, 1, lang)
    if kind.startswith("pct"):
        return _decimal(number * 100, PLACES[kind], lang) + (f"{NARROW}%" if lang == "fr" else "%")
    return _decimal(number, PLACES[kind], lang)


def _decimal(number: Decimal, places: int, lang: str) -> str:
    # Rounded here, once, half away from zero: Babel would round half to even.
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return (MINUS if rounded < 0 else "") + str(format_decimal(abs(rounded), pattern, LOCALES[lang]))


def _written_date(day: date, kind: str, lang: str) -> str:
    if kind == "date":
        return f"{day:%d/%m/%Y}"
    if kind == "day":
        return f"{format_date(day, 'EEE', LOCALES[lang])}{NO_BREAK}{day:%d/%m}"
    if kind == "week":
        return f"{'S' if lang == 'fr' else 'W'}{day.isocalendar().week}"
    text = str(format_date(day, {"long": "EEEE d MMMM y", "month": "MMMM y", "mon": "MMM"}[kind], LOCALES[lang]))
    if kind == "long" and lang == "fr":
        text = text.replace(" 1 ", " 1er ")
    return text.replace(" ", NO_BREAK)


def clean(text: str) -> str:
    """Text that only shows itself: control characters, lone surrogates and marks of direction become U+FFFD."""
    return "".join(
        "\ufffd" if (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t") or char in BIDI else char
        for char in text
    )


def typeset(text: str, lang: str, after_value: bool = False) -> str:
    """Literal text with the no-break spaces and apostrophes that French wants; English as it is."""
    if lang != "fr":
        return text
    if after_value:
        text = re.sub(rf"^ (?=({UNITS})\b)", NO_BREAK, text)
    text = re.sub(rf"(?<=\d) (?=({UNITS})\b)", NO_BREAK, text)
    text = re.sub(r" (?=[;:!?»%])", NARROW, text)
    return text.replace("« ", "«" + NARROW).replace("n° ", "n°" + NO_BREAK).replace("'", "’")


@functools.cache
def sentences(report: str) -> dict[str, dict[str, str]]:
    """The sentences of a report by key, those that every page says included. Raises `RunError` where the report has none.

    A file may take over the sentences of another: `include = ["cash_plan"]`, before its own.
    """
    name = report.rpartition("/")[2]
    found = dict(_read_sentences(EVERY_PAGE, report))
    own = _read_sentences(name, report)
    for other in own.pop("include", []):
        found |= _read_sentences(other, report)
    return found | own


def _read_sentences(name: str, report: str) -> dict[str, Any]:
    source = files("workbench.reporting").joinpath("sentences", f"{name}.toml")
    if not source.is_file():
        raise RunError(f"{report} has no sentences", where=f"sentences/{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def placeholders(text: str) -> set[str]:
    """The names that a sentence needs."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def has(report: str, key: str) -> bool:
    """Whether a report has this sentence."""
    return key in sentences(report)


def say(report: str, key: str, lang: str, unit: Unit = MDH, /, **values: Any) -> str:
    """A sentence as plain text. Raises `RunError` where the sentence or one of its values is missing."""
    pieces = _pieces(report, key, lang, values, unit)
    return "".join(text.replace("**", "") if literal else text for literal, text in pieces)


def say_markup(report: str, key: str, lang: str, unit: Unit = MDH, /, **values: Any) -> Markup:
    """A sentence for a page: everything escaped, `**…**` of the sentence itself in bold."""
    made, bold = Markup(), False
    for literal, text in _pieces(report, key, lang, values, unit):
        for number, part in enumerate(text.split("**") if literal else [text]):
            if number:
                bold = not bold
                made += Markup("<b>") if bold else Markup("</b>")
            made += escape(part)
    if bold:
        raise RunError(f"sentence {key!r} of {report} opens a bold that it does not close")
    return made


def _pieces(report: str, key: str, lang: str, values: dict[str, Any], unit: Unit) -> Iterator[tuple[bool, str]]:
    try:
        text = sentences(report)[key][lang]
    except KeyError as error:
        raise RunError(f"{report} has no sentence {key!r} in {lang!r}", where=f"missing {error}") from error
    after_value = False
    for literal, name, kind, _ in string.Formatter().parse(text):
        if literal:
            yield True, typeset(literal, lang, after_value)
        if name is not None:
            if name not in values:
                raise RunError(f"sentence {key!r} of {report} lacks the value {name!r}")
            yield False, written(values[name], kind or "", lang, unit)
            after_value = True


def day_of(as_of: str) -> date:
    """The date that a parameter writes (`2024-12-31`). Raises `WrongUse` where it is none."""
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise WrongUse(f"{as_of!r} is not a date", remedy="write it 2024-12-31") from None
