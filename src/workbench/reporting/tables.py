"""Tables of a page: a caption, heads with their scope, rows, a foot; figures to the right, signs and words beside colours."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.reporting import cells, charts
from workbench.reporting.style import CLASSES, HEAT, SIGNS
from workbench.reporting.voice import Voice
from workbench.schemas.facts import status_of

# How a column is written where nobody says otherwise, by the end of its name.
KIND_BY_END = {
    "_centimes": "mad",
    "_mad": "mad_unit",
    "_date": "date",
    "_at": "date",
    "_count": "count",
    "_days": "days",
    "_share": "pct",
    "_rate": "pct",
    "_pts": "pts",
    "_code": "code",
    "age_bucket": "code",
    "mase": "ratio",
    "dated_value": "dated",
}
FIGURES = ("mdh", "mdh0", "mad", "mad_unit", "ratio", "pct", "pct0", "pts", "count", "days")
ADDED = ("mad", "mdh", "mdh0", "count")  # kinds whose sum means something
# Fillings of the parts of a bar, by how many there are: four go from what is young to what is about to be lost.
PARTS_OF = {0: (), 1: ("fa",), 2: ("fa", "f2"), 3: ("fa", "f2", "fp"), 4: ("fp", "f2", "fa", "fhr")}


def kind_of(column: str, kinds: Mapping[str, str]) -> str:
    """How a column is written: what is asked for, else what its name says, else as text."""
    if column in kinds:
        return kinds[column]
    return next((kind for end, kind in KIND_BY_END.items() if column.endswith(end)), "text")


def is_figure(kind: str) -> bool:
    """Whether a kind stands to the right of its column."""
    return kind.rstrip("+") in FIGURES


def head(words: str, kind: str = "text") -> Markup:
    """A head of a column."""
    return Markup('<th scope="col"{}>{}</th>').format(_style("r" if is_figure(kind) else ""), words)


def drawn_head(words: str) -> Markup:
    """The head of a drawn column: words for whoever hears the table, nothing to read."""
    return Markup('<th scope="col" class="g"><span class="sr">{}</span></th>').format(words)


def row_head(words: str) -> Markup:
    """The first cell of a row."""
    return Markup('<th scope="row">{}</th>').format(words)


def cell(value: Any, kind: str, voice: Voice, is_blank: bool = False) -> Markup:
    """A cell of a table. A negative amount is red and has its sign; a text that is missing is a dash, a figure « n. d. ».

    `is_blank`: a figure that is missing cannot be there, and is a dash too.
    """
    if pd.isna(value):
        shown = voice.written(None, kind) if not is_blank and (is_figure(kind) or kind == "date") else "–"
        return Markup("<td{}>{}</td>").format(_style("r mut" if is_figure(kind) else "mut"), shown)
    styles = ["r"] if is_figure(kind) else ["nb"] if kind in ("date", "day") else []
    if kind in ("mad", "mdh") and value < 0:
        styles.append("neg")
    return Markup("<td{}>{}</td>").format(_style(" ".join(styles)), voice.written(value, kind))


def coded_cell(
    column: str, value: Any, kind: str, voice: Voice, is_head: bool = False, is_blank: bool = False
) -> Markup:
    """A cell whose value may be a code (`word`, `code`) or a status."""
    if kind == "status":
        return Markup("<td>{}</td>").format(status(value, voice.plain(f"status_{value}")))
    if kind == "model" and not pd.isna(value):
        value, kind = voice.model(str(value)), "text"
    if kind in ("word", "code"):
        value, kind = voice.word(column, value, must=kind == "word"), "text"
    return row_head(voice.written(value, kind)) if is_head else cell(value, kind, voice, is_blank)


def status(code: str, word: str, is_short: bool = False) -> Markup:
    """A status: a sign and a word, in its colour; short, the word is for whoever hears it, beside a legend that shows it."""
    said = Markup('<span class="sr">{}</span>').format(word) if is_short else word
    return Markup('<span class="st {}"><i aria-hidden="true">{}</i>{}</span>').format(CLASSES[code], SIGNS[code], said)


def row(made: Sequence[Markup], style: str = "") -> Markup:
    """A row of ready cells."""
    return Markup("<tr{}>{}</tr>").format(_style(style), Markup().join(made))


def table(
    caption: str, heads: Sequence[Markup], rows: Sequence[Markup], foot: Sequence[Markup] = (), style: str = ""
) -> Markup:
    """A whole table in a part that scrolls by itself on a phone. The caption is for whoever hears the table alone."""
    tail = Markup("<tfoot>{}</tfoot>").format(Markup().join(foot)) if foot else Markup()
    return Markup(
        '<div class="scroll wide" tabindex="0" role="region" aria-label="{}"><table{}><caption class="sr">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody>{}</table></div>"
    ).format(caption, _style(style), caption, Markup().join(heads), Markup().join(rows), tail)


def plain_table(
    caption: str,
    data: pd.DataFrame,
    shown: Mapping[str, str],
    added: Mapping[str, Any],
    voice: Voice,
    bars: Sequence[str] = (),
    levels: Sequence[bool] = (),
    is_blank: bool = False,
) -> Markup:
    """One row a row of `data`, written as `shown` says; `added` are the sums of its foot, `bars` the columns drawn as one bar.

    Rows that `levels` marks are sums of others: in bold, without a bar. `is_blank`: what is missing is no lack of data (see `cell`).
    """
    levels = levels or [False] * len(data)
    lines = data.to_dict("records")
    drawn = data[[not level for level in levels]]
    scale, fillings = cells.Scale(_ends(drawn, bars)), PARTS_OF[len(bars)]
    heads, foot = [], []
    for number, (column, kind) in enumerate(shown.items()):
        heads.append(head(voice.label(column), "text" if number == 0 else kind))  # the first one names the row
        empty = row_head(voice.say("total")) if number == 0 else Markup("<td></td>")
        foot.append(cell(added[column], kind, voice) if column in added else empty)
        if column in bars[-1:]:
            heads.append(drawn_head(voice.say("drawn")))
            foot.append(cells.empty())
    rows = []
    for line, is_level in zip(lines, levels, strict=True):
        made = []
        for number, (column, kind) in enumerate(shown.items()):
            made.append(coded_cell(column, line[column], kind, voice, number == 0, is_blank))
            if column in bars[-1:]:
                parts = [None if is_level or pd.isna(line[c]) else float(line[c]) for c in bars]
                made.append(cells.bars(scale, parts, fillings))
        rows.append(row(made, "lev" if is_level else ""))
    told = charts.legend([(style, voice.label(column)) for style, column in zip(fillings, bars, strict=True)])
    return told + table(caption, heads, rows, [row(foot, "sum")] if added else [])


def _ends(data: pd.DataFrame, bars: Sequence[str]) -> list[float]:
    """The furthest that stacked bars reach, to the right and to the left."""
    if not bars or data.empty:
        return []
    amounts = data[list(bars)].astype("Float64").fillna(0.0)
    return [float(amounts.clip(lower=0).sum(axis=1).max()), float(amounts.clip(upper=0).sum(axis=1).min())]


def rate_table(caption: str, data: pd.DataFrame, thresholds: tuple[float, float] | None, voice: Voice) -> Markup:
    """A row a rate; see `Page.rates`. The scale is 0 to 1, or further where a rate is."""
    column = str(data.columns[0])
    known = [float(value) for value in (*data["rate"], *data["previous_rate"]) if not pd.isna(value)]
    scale = cells.Scale([1.0, *known])
    rows = []
    for name, rate, before, change in data[[column, "rate", "previous_rate", "change_pts"]].itertuples(
        index=False, name=None
    ):
        numbers = [None if pd.isna(number) else float(number) for number in (rate, before)]
        drawing = cells.dot(scale, numbers[0], numbers[1], thresholds or ())
        code = (
            "unmeasured" if numbers[0] is None else "info" if thresholds is None else status_of(numbers[0], *thresholds)
        )
        told = Markup("<td>{}</td>").format(status(code, voice.plain(f"status_{code}"), is_short=True))
        made = [row_head(voice.word(column, name)), drawing, cell(rate, "pct", voice), cell(change, "pts", voice), told]
        rows.append(row(made))
    heads = [head(voice.label(column)), drawn_head(voice.say("drawn"))]
    heads += [head(voice.say(key), kind) for key, kind in (("rate", "pct"), ("points", "pts"))]
    heads.append(drawn_head(voice.say("status")))
    words = [status(code, voice.plain(f"status_{code}")) for code in ("ok", "watch", "alert") if thresholds]
    return Markup('<p class="key">{}</p>').format(Markup().join(words)) + table(caption, heads, rows)


def heat_table(
    caption: str, data: pd.DataFrame, rows: str, columns: str, value: str, kind: str, voice: Voice
) -> Markup:
    """Two codes against one another, totals on both sides; see `Page.heat_table`."""
    # Codes as texts, so that a row without a code keeps its line: it is part of the total.
    named = data.assign(
        row_code=[voice.word(rows, code) for code in data[rows]],
        column_code=[voice.word(columns, code) for code in data[columns]],
    )
    in_order = list(dict.fromkeys(named.sort_values(columns, kind="stable")["column_code"]))
    sums = named.groupby(["row_code", "column_code"])[value].sum().to_dict()
    totals = named.groupby("row_code")[value].sum().sort_values(ascending=False, kind="stable")
    below = named.groupby("column_code")[value].sum()
    highest = float(max(sums.values()))
    body = []
    for code, total in totals.items():
        made = [row_head(str(code))]
        for column in in_order:
            known = (code, column) in sums
            made.append(heat_cell(sums[(code, column)], highest, kind, voice) if known else Markup("<td>–</td>"))
        body.append(row([*made, Markup('<td class="tot">{}</td>').format(voice.written(total, kind))]))
    foot = [cell(below[column], kind, voice) for column in in_order] + [cell(data[value].sum(), kind, voice)]
    heads = [head(voice.label(rows)), *(head(column, kind) for column in in_order), head(voice.say("total"), kind)]
    return table(caption, heads, body, [row([row_head(voice.say("total")), *foot])], "heat")


def heat_step(value: float, highest: float) -> int:
    """The step of the heat scale of a value: 0 for nothing or less, the last for the highest."""
    if value <= 0 or highest <= 0:
        return 0
    return min(1 + int(value / highest * (len(HEAT) - 1)), len(HEAT) - 1)


def heat_cell(value: Any, highest: float, kind: str, voice: Voice) -> Markup:
    """A cell of a heat table: one blue by steps, a number in every cell; nothing known is hatched, never zero."""
    if pd.isna(value):
        return Markup('<td class="hz mut">{}</td>').format(voice.written(None, kind))
    return Markup('<td class="h{}">{}</td>').format(heat_step(float(value), highest), voice.written(value, kind))


def cascade(
    caption: str,
    steps: Sequence[tuple[str, int, bool]],
    kind: str,
    voice: Voice,
    natures: Sequence[str] | None = None,
    judged: bool = True,
) -> Markup:
    """Movements from one total to the next: (words, hundredths, whether it is a total reached); `natures` is one more column."""
    ends, reached = [], 0
    for _, amount, is_level in steps:
        start, reached = (0, amount) if is_level else (reached, reached + amount)
        ends.append((start, reached))
    # A level far from zero would hide its movements: the scale begins below the lowest of them, and its head says so.
    reach = [
        float(end)
        for pair, (_, _, is_level) in zip(ends, steps, strict=True)
        for end in (pair[1:] if is_level else pair)
    ]
    cut = min(reach) - (max(reach) - min(reach)) * 0.15 if max(reach) > min(reach) > max(reach) * 0.6 else None
    scale = cells.Scale(reach, cut)
    drawn = (
        drawn_head(voice.say("drawn"))
        if cut is None
        else Markup('<th scope="col">{}</th>').format(voice.say("cut_scale", at=round(cut)))
    )
    rows = []
    for number, ((words, amount, is_level), (start, end)) in enumerate(zip(steps, ends, strict=True)):
        up, down = ("fg", "fb") if judged else ("f2", "fp")
        filling = "fa" if is_level else up if amount >= 0 else down
        tied = ends[number - 1][1] if number else None
        bar = cells.step(scale, start, end, filling, tied, last=number == len(steps) - 1)
        figure = cell(amount, kind if is_level else f"{kind}+", voice)
        nature = [] if natures is None else [Markup("<td>{}</td>").format(natures[number])]
        rows.append(row([row_head(words), *nature, figure, bar], "lev" if is_level else ""))
    heads = [
        head(voice.label("cascade_step")),
        head(voice.label("amount_centimes"), kind),
        drawn,
    ]
    if natures is not None:
        heads.insert(1, head(voice.label("certainty_code")))
    return table(caption, heads, rows)


def _style(names: str) -> Markup:
    return Markup(' class="{}"').format(names) if names else Markup()
