"""The voice of one page: its sentences, names of columns and words of codes, in its language."""

import re
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from workbench.errors import RunError
from workbench.reporting import words
from workbench.schemas.columns import COLUMNS


class Voice:
    """Says the sentences of a report in a language. `lang` is `fr` or `en`; `RunError` otherwise."""

    def __init__(self, report: str, lang: str) -> None:
        if lang not in words.LOCALES:
            raise RunError(f"no page speaks {lang!r}", remedy="fr or en")
        self.report, self.lang, self.unit = report, lang, words.MDH
        self.names: dict[str, dict[str, str]] = {}  # words of codes that are data, by column

    def say(self, key: str, **values: Any) -> Markup:
        """A sentence, escaped."""
        return words.say_markup(self.report, key, self.lang, self.unit, **values)

    def plain(self, key: str, **values: Any) -> str:
        """A sentence as plain text, for attributes and the workbook."""
        return words.say(self.report, key, self.lang, self.unit, **values)

    def maybe(self, key: str, shape: str, **values: Any) -> Markup:
        """A sentence inside a shape, or nothing where the report does not have it."""
        return Markup(shape).format(self.say(key, **values)) if words.has(self.report, key) else Markup()

    def paragraphs(self, key: str, **values: Any) -> Markup:
        """A sentence of several lines, one paragraph a line."""
        lines = [Markup(line) for line in str(self.say(key, **values)).splitlines() if line.strip()]
        return Markup().join(Markup("<p>{}</p>").format(line) for line in lines)

    def label(self, column: str) -> Markup:
        """The head of a column: sentence `head_<column>`, else its label in the schema, else the sentence of its name."""
        known = COLUMNS.get(column)
        if words.has(self.report, f"head_{column}"):
            return self.say(f"head_{column}")
        if known is None:
            return self.say(column)
        return escape(words.typeset(known.label_fr if self.lang == "fr" else known.label_en, self.lang))

    def word(self, column: str, code: Any, must: bool = False) -> str:
        """The word of a code: sentence `<column>_<code>`, else `<code>`, else the code itself; with `must`, `RunError` instead."""
        if code is None or pd.isna(code):
            return self.plain("unknown_group")
        if (named := self.names.get(column, {}).get(str(code))) is not None:
            return words.clean(named)
        for key in (f"{column}_{code}", str(code)):
            if words.has(self.report, key) and not words.placeholders(words.sentences(self.report)[key][self.lang]):
                return self.plain(key)
        if must:
            raise RunError(f"{self.report} has no word for {column} {code!r}", where=f"sentence {column}_{code}")
        return words.clean(str(code))

    def model(self, name: str) -> str:
        """The name of a model in words; one made of several (`a+b`, `a (1+), b (6+); b (total)`) part by part, an unknown part as it is."""
        return re.sub(r"[a-z][a-z_]+", lambda part: self.word("model_name", part[0]), words.clean(name))

    def written(self, value: Any, kind: str) -> str:
        """A value as the language writes it."""
        return words.written(value, kind, self.lang, self.unit)
