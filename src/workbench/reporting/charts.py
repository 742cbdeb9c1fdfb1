"""Static drawings: one for screen, phone and paper, without a script.

A drawing has no viewBox: x is in percent of its width, y in pixels. So it stretches to a phone, a screen or a sheet, and letters
keep their size; only curves sit in an inner svg that may deform. Every drawing comes with the sentence that says it (`alt`).
Amounts are hundredths; a chart shows them in the unit of its page.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.reporting.voice import Voice

SHORT_MARK = 5  # characters of a mark that fit beside a plot of narrow marks
BAR_SHARE = 0.62  # part of its room that a column takes


@dataclass(frozen=True)
class Drawing:
    """A drawing and its words: `markup` is hidden from whoever hears the page, `alt` is what they hear, with numbers."""

    markup: Markup
    alt: str
    legend: Sequence[tuple[str, str]] = field(default_factory=list)  # (class of the sample, words)


def percent(number: float) -> str:
    """A position along the width."""
    return f"{number:.2f}".rstrip("0").rstrip(".") + "%"


def pixels(number: float) -> str:
    """A position along the height, to a tenth of a pixel."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


class Plot:
    """A surface of `height` pixels over the values `x` and `y` (first, last), with room kept at `top` and `bottom`."""

    def __init__(
        self, height: int, x: tuple[float, float], y: tuple[float, float], top: float = 0, bottom: float = 0
    ) -> None:
        self.height, self._top, self._bottom, self._x = height, top, bottom, x
        self.low, self.high = y
        self._parts: list[Markup] = []

    def x_at(self, value: float) -> float:
        """Percent of the width at which a value stands."""
        first, last = self._x
        return (value - first) / ((last - first) or 1) * 100

    def y_at(self, value: float) -> float:
        """Pixels from the top at which a value stands."""
        return self._top + (self.high - value) / ((self.high - self.low) or 1) * (
            self.height - self._top - self._bottom
        )

    def rect(self, x: tuple[float, float], y: tuple[float, float], style: str) -> None:
        """A filled rectangle between two corners; never thinner than can be seen."""
        left, right = sorted(map(self.x_at, x))
        high, low = sorted(map(self.y_at, y))
        shape = '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'
        where = (percent(left), pixels(high), percent(right - left), pixels(max(low - high, 0.8)))
        self._parts.append(Markup(shape).format(style, *where))

    def across(self, value: float, style: str) -> None:
        """A line over the whole width."""
        y = pixels(self.y_at(value))
        self._parts.append(Markup('<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>').format(style, y, y))

    def text(self, x: float, y: float, words: str, style: str = "", dx: float = 0) -> None:
        """Words at a value of x and a pixel of y."""
        self._parts.append(
            Markup('<text class="{}" x="{}" y="{}" dx="{}">{}</text>').format(
                style, percent(self.x_at(x)), pixels(y), pixels(dx), words
            )
        )

    def dot(self, x: float, y: float, style: str, radius: float = 4) -> None:
        """A dot on a value."""
        self._parts.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
                style, percent(self.x_at(x)), pixels(self.y_at(y)), radius
            )
        )

    def curve(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A line through points, in an inner svg that deforms with the width."""
        path = "M" + "L".join(f"{pixels(self.x_at(x) * 10)} {pixels(self.y_at(y))}" for x, y in points)
        self._inner(path, style)

    def _inner(self, path: str, style: str) -> None:
        shape = '<svg viewBox="0 0 1000 {0}" preserveAspectRatio="none" width="100%" height="{0}"><path class="{1}" d="{2}"/></svg>'
        self._parts.append(Markup(shape).format(self.height, style, path))

    def area(self, high: Sequence[tuple[float, float]], low: Sequence[tuple[float, float]], style: str) -> None:
        """What lies between two lines, in an inner svg that deforms with the width."""
        ring = [*high, *reversed(low)]
        path = "M" + "L".join(f"{pixels(self.x_at(x) * 10)} {pixels(self.y_at(y))}" for x, y in ring) + "Z"
        self._inner(path, style)

    def add(self, part: Markup) -> None:
        """A part made elsewhere."""
        self._parts.append(part)

    def svg(self) -> Markup:
        """The drawing itself; its words stand beside it."""
        return Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(self.height, Markup().join(self._parts))


def stairs(points: Sequence[tuple[float, float]], until: float | None = None) -> list[tuple[float, float]]:
    """The corners of a staircase: a balance holds until the next one (the last, until `until`)."""
    corners: list[tuple[float, float]] = []
    ends = [x for x, _ in points[1:]] + [points[-1][0] if until is None else until]
    for (x, y), end in zip(points, ends, strict=True):
        corners += [(x, y), (end, y)]
    return corners


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values inside `low`–`high`, at most `most` of them."""
    if high <= low:
        return [low]
    size = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10, 20) if (high - low) / (size * factor) <= most - 1)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def level(
    history: pd.DataFrame,
    forward: pd.DataFrame | None,
    floor_centimes: int | None,
    names: Mapping[str, str],
    voice: Voice,
    value: str = "value_centimes",
    second: str | None = None,
) -> Drawing:
    """Level over time: a staircase of days, its announced days on a wash, against a floor.

    Parameters
    ----------
    history, forward
        `day_date` and `value` (hundredths), one row a day, in order; `forward` begins on the last day of `history` or after it.
    second
        A second measure of the same days, thinner.
    names
        Words of the lines: `actual`, `second`, `forecast`, `floor`; and `alt`, the sentence said for the drawing.
    """
    origin = pd.Timestamp(history["day_date"].iloc[0])
    size = voice.unit.divisor
    past, coming = (
        _points(history, value, origin, size),
        [] if forward is None else _points(forward, value, origin, size),
    )
    beside = [] if second is None else _points(history, second, origin, size)
    last = past[-1][0]
    end = max([last, *(x for x, _ in coming)]) + 1
    floors = [] if floor_centimes is None else [floor_centimes / size]
    heights = [y for _, y in past + coming + beside] + floors + [0.0]
    room = (max(heights) - min(heights)) * 0.08 or 1
    plot = Plot(260, (0, end), (min(heights) - (room if min(heights) < 0 else 0), max(heights) + room), 16, 24)
    if coming:
        plot.rect((last + 1, end), (plot.low, plot.high), "fw")
    marks = ticks(min(heights), max(heights) + room)
    for mark in marks:
        plot.across(mark, "zero" if mark == 0 else "grid")
    if floors:
        plot.across(floors[0], "floor")
    if beside:
        plot.curve(stairs(beside, last + 1), "lb")
    plot.curve(stairs(past, last + 1), "lv")
    if coming:
        plot.curve(stairs([(last + 1, past[-1][1]), *((x, y) for x, y in coming if x > last)], end), "lf")
    _named_points(plot, past, coming, floors, origin, end, voice)
    legend = [("lv", names["actual"])] + ([("lb", names["second"])] if beside else [])
    legend += ([("lf", names["forecast"])] if coming else []) + ([("floor", names["floor"])] if floors else [])
    return Drawing(framed(plot, marks, _ends(plot, coming, floors, names, voice), voice), names["alt"], legend)


def _points(data: pd.DataFrame, column: str, origin: pd.Timestamp, size: int) -> list[tuple[float, float]]:
    known = data[data[column].notna()]
    days = (pd.to_datetime(known["day_date"]) - origin).dt.days
    return [(float(day), int(amount) / size) for day, amount in zip(days, known[column], strict=True)]


def _named_points(
    plot: Plot,
    past: Sequence[tuple[float, float]],
    coming: Sequence[tuple[float, float]],
    floors: Sequence[float],
    origin: pd.Timestamp,
    end: float,
    voice: Voice,
) -> None:
    """Today's value, the lowest value, and the days below the drawing."""
    last_x, last_y = past[-1]
    low_x, low_y = min([*coming, *past[-1:]], key=lambda point: (point[1], point[0]))
    below = bool(floors) and low_y < floors[0]
    plot.dot(last_x + 1, last_y, "fa", 4.5)
    near_end = last_x + 1 > end * 0.85
    plot.text(last_x + 1, plot.y_at(last_y) - 9, amount_words(last_y, voice), "b h e" if near_end else "b h mid")
    days = {0.0: "m", last_x: "i e" if near_end or coming else "i"}
    if coming and low_x > last_x:
        plot.dot(low_x + 0.5, low_y, "fb" if below else "fa", 4.5)
        plot.text(low_x + 0.5, plot.y_at(low_y) + 18, amount_words(low_y, voice), "bd h mid" if below else "b h mid")
        days[low_x] = "bd" if below else "i"
    for x, style in days.items():
        day = (origin + pd.Timedelta(days=x)).strftime("%d/%m")
        plot.text(x if x == 0 or "e" not in style.split() else x + 1, plot.height - 5, day, style)


def _ends(
    plot: Plot, coming: Sequence[tuple[float, float]], floors: Sequence[float], names: Mapping[str, str], voice: Voice
) -> Markup:
    wanted = [(y, f"{amount_words(y, voice)} {names['forecast']}", "b") for _, y in coming[-1:]]
    return beside(plot, wanted + [(y, f"{names['floor']} {amount_words(y, voice)}", "bd") for y in floors])


def beside(plot: Plot, wanted: Sequence[tuple[float, str, str]]) -> Markup:
    """Words at the right of the lines, (value, words, style), pushed apart so that they never touch."""
    placed: list[float] = []
    ordered = sorted((plot.y_at(y) + 4, words, style) for y, words, style in wanted)
    for y, _, _ in ordered:
        placed.append(max(y, placed[-1] + 15 if placed else y))
    over = max(0.0, placed[-1] - plot.height + 2) if placed else 0.0  # none below the drawing
    for number in range(len(placed) - 1, -1, -1):
        roof = placed[number + 1] - 15 if number + 1 < len(placed) else placed[number] - over
        placed[number] = min(placed[number], roof)
    shape = Markup('<text class="{}" x="8" y="{}">{}</text>')
    parts = [shape.format(style, pixels(y), words) for y, (_, words, style) in zip(placed, ordered, strict=True)]
    return Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(plot.height, Markup().join(parts))


def columns(
    labels: Sequence[str],
    parts: Sequence[Sequence[int]],
    styles: Sequence[str],
    names: Sequence[str],
    voice: Voice,
    emphasis: int | None = None,
) -> Drawing:
    """Stacked columns, one a label: `parts` holds one series a style, hundredths. The column `emphasis` is written in red."""
    totals = [sum(values) for values in zip(*parts, strict=True)]
    size = voice.unit.divisor
    high = max([*totals, 1]) / size
    plot = Plot(220, (0, len(labels)), (0, high * 1.02), 20, 22)
    marks = ticks(0, high)
    for mark in marks:
        plot.across(mark, "zero" if mark == 0 else "grid")
    for number, (label, total) in enumerate(zip(labels, totals, strict=True)):
        left, below = number + (1 - BAR_SHARE) / 2, 0.0
        for values, style in zip(parts, styles, strict=True):
            amount = values[number] / size
            if amount > 0:
                plot.rect((left, left + BAR_SHARE), (below, below + amount), style)
                below += amount
        loud = number == emphasis
        plot.text(number + 0.5, plot.y_at(total / size) - 6, voice.written(total, "mdh"), "bd mid" if loud else "b mid")
        plot.text(number + 0.5, plot.height - 5, label, "bd mid" if loud else "mid")
    alt = " ; ".join(
        f"{label}{': ' if voice.lang == 'en' else ' : '}{voice.written(total, 'mdh')}"
        for label, total in zip(labels, totals, strict=True)
    )
    return Drawing(framed(plot, marks, None, voice), alt, list(zip(styles, names, strict=True)))


def framed(plot: Plot, marks: Sequence[float], right: Markup | None, voice: Voice) -> Markup:
    """A plot between its scale and the words at its right."""
    named = [(mark, amount_words(mark, voice, whole=float(mark).is_integer())) for mark in marks]
    scale = Markup().join(
        Markup('<text class="m e" x="100%" dx="-6" y="{}">{}</text>').format(pixels(plot.y_at(mark) + 4), words)
        for mark, words in named
    )
    left = Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(plot.height, scale)
    style = "plot named" if right is not None else "plot"
    if max((len(words) for _, words in named), default=0) > SHORT_MARK:  # sums in dirhams: room for all their digits
        style += " wide"
    return Markup('<div class="{}">{}{}{}</div>').format(style, left, plot.svg(), right or Markup("<span></span>"))


def amount_words(number: float, voice: Voice, whole: bool = False) -> str:
    """A value of a drawing, as its page writes it."""
    return voice.written(round(number * voice.unit.divisor), "mdh0" if whole else "mdh")


def swatch(style: str) -> Markup:
    """The sample of a legend."""
    lines = {"lv", "lb", "lf", "lm", "floor", "aim"}
    shape = (
        '<path class="{}" d="M0 6H22"/>'
        if style in lines
        else '<rect class="{}" x=".6" y=".6" width="20.8" height="9.8"/>'
    )
    return Markup('<svg class="sw" aria-hidden="true">{}</svg>').format(Markup(shape).format(style))


def legend(pairs: Sequence[tuple[str, str]]) -> Markup:
    """What each filling or line means; nothing where there is only one."""
    if len(pairs) < 2:
        return Markup()
    told: list[Any] = [Markup("<span>{}{}</span>").format(swatch(style), words) for style, words in pairs]
    return Markup('<p class="key">{}</p>').format(Markup().join(told))
