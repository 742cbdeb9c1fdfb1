"""Lines × periods: the cash plan in the treasurer's usual layout, on a page and as a sheet of the workbook.

A layout (`cash.treasurer_layout`) has a row a line, in order, `row_code`, `is_level` (opening, sums, closing), and a column a period
and part, named `week|2024-10-07|plan`: the length of the period, its first day, and `plan`, `actual` or `gap`.
"""

from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.errors import RunError
from workbench.reporting import tables, workbook
from workbench.reporting.voice import Voice
from workbench.reporting.words import clean

OPENING, CLOSING = "opening", "closing"
BELOW = ("lowest", "low_80")  # rows below the closing that are in no sum
BALANCES = (OPENING, CLOSING, *BELOW)
HEAD_ROWS = 2  # of the sheet: the period, the part


def periods(layout: pd.DataFrame) -> list[str]:
    """The columns of periods, in order."""
    return [str(column) for column in layout.columns if "|" in str(column)]


def closing_of(layout: pd.DataFrame, column: str) -> tuple[int, int]:
    """What the opening and the lines of a column come to, and what its closing says; hundredths.

    Raises `RunError` where the layout has no opening or no closing.
    """
    by_code = layout.set_index("row_code")
    ends: dict[Any, Any] = dict(by_code[column].items())
    if not {OPENING, CLOSING} <= set(by_code.index):
        raise RunError("a layout needs an opening and a closing", where=column)
    lines = by_code[~by_code["is_level"].astype(bool)]
    return int(ends[OPENING]) + int(lines[column].fillna(0).sum()), int(ends[CLOSING])


def _named(column: str, voice: Voice) -> tuple[str, str, str]:
    """Name, first day and part of a column, as words: « S41 », « 07/10 », « Plan »."""
    period, day, part = column.split("|")
    if period == "total":
        return voice.plain("schedule_total"), "", voice.word("part_code", part)
    if period == "month":
        return voice.written(day, "mon"), f"{pd.Timestamp(day):%Y}", voice.word("part_code", part)
    return voice.written(day, "week"), f"{pd.Timestamp(day):%d/%m}", voice.word("part_code", part)


def page_table(caption: str, layout: pd.DataFrame, floor_centimes: int | None, kind: str, voice: Voice) -> Markup:
    """The layout as a table of a page; rows of sums in bold, nothing (no flow at all) as a dash, a balance below the floor red."""
    columns, floor = periods(layout), floor_centimes or 0
    heads = [tables.head(voice.label("line_code"))]
    for column in columns:
        name, day, _ = _named(column, voice)
        heads.append(
            Markup('<th scope="col" class="r">{}{}</th>').format(name, Markup("<br>{}").format(day) if day else "")
        )
    rows = []
    for line in layout.to_dict("records"):
        made = [tables.row_head(voice.word("row_code", line["row_code"]))]
        low = floor if line["row_code"] in BALANCES else None
        made += [_cell(line[column], kind, voice, bool(line["is_level"]), low) for column in columns]
        rows.append(tables.row(made, _style(line)))
    return tables.table(caption, heads, rows, style="sched")


def _style(line: dict[Any, Any]) -> str:
    return "low" if line["row_code"] in BELOW else "lev" if line["is_level"] else ""


def _cell(value: Any, kind: str, voice: Voice, is_level: bool, floor: int | None) -> Markup:
    if not is_level and (pd.isna(value) or int(value) == 0):
        return Markup('<td class="r mut">–</td>')
    style = "r neg" if floor is not None and not pd.isna(value) and value < floor else "r"
    return Markup('<td class="{}">{}</td>').format(style, voice.written(value, kind))


def sheet(key: str, title: str, layout: pd.DataFrame, voice: Voice) -> workbook.Sheet:
    """The sheet of a layout: its own painter, the closing of every period among the totals that the page shows."""
    columns = periods(layout)
    labels = {column: " ".join(filter(None, _named(column, voice))) for column in columns}
    labels |= {"row_code": str(voice.label("line_code").unescape())}
    data = layout.assign(row_code=[voice.word("row_code", code) for code in layout["row_code"]])
    kinds = {"row_code": "text", **dict.fromkeys(columns, "mad")}
    name = str(voice.maybe(f"sheet_{key}", "{}").unescape()) or key
    heads = [_named(column, voice) for column in columns]
    painter = _Painter(heads, [bool(level) for level in layout["is_level"]])
    return workbook.Sheet(key, name, title, data[["row_code", *columns]], labels, kinds, {}, painter)


class _Painter:
    """Writes a layout: two rows of heads that stay in sight, sums in bold, typed amounts, outcomes of past periods side by side."""

    def __init__(self, heads: list[tuple[str, str, str]], levels: list[bool]) -> None:
        self._heads, self._levels = heads, levels

    def __call__(self, book: Any, page: Any, shown: workbook.Sheet) -> None:
        self._write_heads(book, page, shown)
        plain, bold = (self._formats(book, level) for level in (False, True))
        columns = [column for column in shown.data.columns if column != "row_code"]
        for row, line in enumerate(shown.data.to_dict("records")):
            text, amount = bold if self._levels[row] else plain
            page.write_string(row + HEAD_ROWS, 0, clean(str(line["row_code"])), text)
            for number, column in enumerate(columns, 1):
                if not pd.isna(line[column]):  # an empty cell: not known is not zero
                    page.write_number(row + HEAD_ROWS, number, int(line[column]) / 100, amount)
        page.freeze_panes(HEAD_ROWS, 1)
        page.set_column(0, 0, 44)
        page.set_column(1, max(len(columns), 1), 16)

    def _formats(self, book: Any, level: bool) -> tuple[Any, Any]:
        rule = {"bold": True, "top": 1} if level else {}
        return book.add_format(rule), book.add_format({**rule, "num_format": workbook.FORMATS["mad"]})

    def _write_heads(self, book: Any, page: Any, shown: workbook.Sheet) -> None:
        head = book.add_format({"bold": True, "align": "center", "text_wrap": True, "bottom": 1})
        page.write_string(0, 0, clean(shown.title), book.add_format({"bold": True, "text_wrap": True}))
        page.write_string(1, 0, shown.labels["row_code"], head)
        for number, (name, day, part) in enumerate(self._heads, 1):
            page.write_string(0, number, " ".join(filter(None, (name, day))), head)
            page.write_string(1, number, part, head)
