"""A page of a report: verdict, cards, tables, definitions, stamp, shown as the notebook goes.

Every text goes through `html.escape`: a name that holds markup is shown as written. `check` refuses a page whose figures do not
tie; how many ties were proven is on the stamp.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
from IPython.display import display

from workbench.errors import RunError
from workbench.reporting.words import say, written
from workbench.schemas.columns import COLUMNS


def page(report: str, as_of: str, lang: str, office: Any) -> "Page":
    """Begin the page of a report on an office as it was known on one import."""
    return Page(report, as_of, lang, office)


class Page:
    """What a notebook writes on. Keys name sentences of `sentences/<report>.toml`."""

    def __init__(self, report: str, as_of: str, lang: str, office: Any) -> None:
        self._report, self._as_of, self._lang, self._office, self._checks = report, as_of, lang, office, 0
        badge = f'<p class="fake">{self._say("synthetic")}</p>' if office.is_synthetic else ""
        self._show(f"{badge}<h1>{self._say('title', as_of=pd.Timestamp(as_of).date())}</h1>")

    def _say(self, key: str, **values: Any) -> str:
        return escape(say(self._report, key, self._lang, **values))

    def _show(self, html: str) -> None:
        display({"text/html": html}, raw=True)  # type: ignore[no-untyped-call]

    def check(self, name: str, left: int, right: int) -> None:
        """Two figures that must be equal; `RunError` names them where they are not, and nothing is published."""
        if left != right:
            raise RunError(f"{name}: {left} is not {right}", remedy="the page is not published")
        self._checks += 1

    def verdict(self, key: str, status: str, **values: Any) -> None:
        """The finding, in one sentence."""
        self._show(f'<p class="verdict" data-status="{escape(status)}">{self._say(key, **values)}</p>')

    def cards(self, cards: Sequence[tuple[str, Any, str]]) -> None:
        """The few figures that matter: (key of the label, value, kind)."""
        items = "".join(
            f"<li><span>{self._say(key)}</span><b>{escape(written(value, kind, self._lang))}</b></li>"
            for key, value, kind in cards
        )
        self._show(f'<ul class="cards">{items}</ul>')

    def table(self, key: str, data: pd.DataFrame, kinds: dict[str, str], total: bool = False, **values: Any) -> None:
        """A table under a title that states what it shows; `kinds` says how a column is written, the others are texts."""
        heads = "".join(f'<th scope="col"{_right(c, kinds)}>{self._label(c)}</th>' for c in data.columns)
        rows = [self._row(list(row), list(data.columns), kinds) for row in data.itertuples(index=False, name=None)]
        if total:
            sums: list[Any] = [data[c].sum() if c in kinds else "" for c in data.columns]
            sums[0] = say(self._report, "total", self._lang)
            rows.append(self._row(sums, list(data.columns), kinds, "sum"))
        caption = f"<caption>{self._say(key, **values)}</caption>"
        self._show(
            f'<div class="scroll"><table>{caption}<thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        )

    def _row(self, row: list[Any], columns: list[str], kinds: dict[str, str], style: str = "") -> str:
        cells = [
            f"<td{_right(c, kinds)}>{escape(written(None if pd.isna(v) else v, kinds.get(c, ''), self._lang))}</td>"
            for c, v in zip(columns, row, strict=True)
        ]
        return f'<tr class="{style}">{"".join(cells)}</tr>' if style else f"<tr>{''.join(cells)}</tr>"

    def _label(self, column: str) -> str:
        known = COLUMNS.get(column)
        return escape(
            (known.label_fr if self._lang == "fr" else known.label_en)
            if known
            else say(self._report, column, self._lang)
        )

    def close(self) -> None:
        """Definitions and stamp: what the page rests on."""
        self._show(f'<p class="note">{self._say("method")}</p>')
        self._show(f'<p class="note">{self._say("stamp", import_id=self._office.import_id, checks=self._checks)}</p>')


def _right(column: str, kinds: dict[str, str]) -> str:
    return ' class="r"' if column in kinds else ""
