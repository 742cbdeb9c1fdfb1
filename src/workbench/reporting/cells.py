"""Drawings small enough for a table cell or a card: bars, running totals, dots, a curve, a value against its threshold.

All cells of one drawn column share one scale, given as its two ends.
"""

from collections.abc import Sequence

from markupsafe import Markup

from workbench.reporting.charts import Plot, percent, pixels

THICK = 12  # pixels of a bar in a row


class Scale:
    """One scale for every cell of a column, from the lowest value (never above zero, unless `cut` says where) to the highest."""

    def __init__(self, values: Sequence[float], cut: float | None = None) -> None:
        self.low, self.high = (min([0, *values]) if cut is None else cut), max([0, *values])
        if self.low == self.high:
            self.high = self.low + 1

    def at(self, value: float) -> str:
        """Position of a value, in percent of the cell; what lies below a cut stands on it."""
        return percent((max(value, self.low) - self.low) / (self.high - self.low) * 100)

    def wide(self, one: float, other: float) -> str:
        """Width between two values; never thinner than can be seen."""
        one, other = max(one, self.low), max(other, self.low)
        return percent(max(abs(other - one) / (self.high - self.low) * 100, 0.4))


def _cell(parts: Sequence[Markup]) -> Markup:
    return Markup('<td class="g"><svg aria-hidden="true">{}</svg></td>').format(Markup().join(parts))


def _bar(scale: Scale, one: float, other: float, style: str) -> Markup:
    shape = '<rect class="{}" x="{}" width="{}" y="50%" height="{}" transform="translate(0 {})"/>'
    where = (scale.at(min(one, other)), scale.wide(one, other), THICK, pixels(-THICK / 2))
    return Markup(shape).format(style, *where)


def _upright(scale: Scale, value: float, style: str, high: str = "0", low: str = "100%") -> Markup:
    x = scale.at(value)
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(style, x, x, high, low)


def empty() -> Markup:
    """A cell of a drawn column that has nothing to draw."""
    return Markup('<td class="g"></td>')


def bars(scale: Scale, values: Sequence[float | None], styles: Sequence[str]) -> Markup:
    """Parts side by side from zero: the positive ones to the right, the negative ones to the left."""
    right, left, parts = 0.0, 0.0, []
    for value, style in zip(values, styles, strict=True):
        if not value:
            continue
        start = right if value > 0 else left
        parts.append(_bar(scale, start, start + value, style))
        right, left = (start + value, left) if value > 0 else (right, start + value)
    if scale.low < 0:
        parts.append(_upright(scale, 0, "axis"))
    return _cell(parts)


def step(scale: Scale, start: float, end: float, style: str, tied: float | None, last: bool) -> Markup:
    """A step of a running total: a bar from `start` to `end`, tied by a thread to the row above, which reached `tied`, and to the one below."""
    parts = [_bar(scale, start, end, style)]
    if tied is not None:
        parts.append(_upright(scale, tied, "link", "0", "50%"))
    if not last:
        parts.append(_upright(scale, end, "link", "50%", "100%"))
    return _cell(parts)


def dot(scale: Scale, value: float | None, before: float | None, thresholds: Sequence[float]) -> Markup:
    """A rate: a dot, last year's tick behind it, thresholds as lines."""
    parts = [_upright(scale, threshold, "axis") for threshold in thresholds]
    if before is not None:
        shape = '<rect class="fp" x="{}" width="4" y="50%" height="17" transform="translate(-2 -8.5)"/>'
        parts.append(Markup(shape).format(scale.at(before)))
    if value is not None:
        parts.append(Markup('<circle class="fa" cx="{}" cy="50%" r="4.5"/>').format(scale.at(value)))
    return _cell(parts)


def spark(values: Sequence[float], target: float | None, alt: str) -> Markup:
    """The curve of a card, its last point marked, its threshold dashed."""
    known = [*values, *([] if target is None else [target])]
    room = (max(known) - min(known)) * 0.12 or 1
    plot = Plot(30, (0, max(len(values) - 1, 1)), (min(known) - room, max(known) + room), 3, 3)
    if target is not None:
        plot.across(target, "floor")
    plot.curve(list(enumerate(values)), "lb")
    plot.dot(len(values) - 1, values[-1], "fa", 3)
    return _picture(plot.svg(), alt)


def bullet(value: float, target: float, alt: str) -> Markup:
    """A value as a bar against its threshold, for a card without history. The scale reaches past both, but for a share: to the whole."""
    is_share = isinstance(target, float) and 0 <= value <= 1 and 0 < target <= 1
    scale = Scale([0.0, 1.0] if is_share else [value * 1.05, target * 1.25, value, target])
    shape = '<rect class="{}" x="{}" width="{}" y="11" height="9"/>'
    ground = Markup(shape).format("bg", "0", "100%")
    bar = Markup(shape).format("fa", scale.at(min(0, value)), scale.wide(0, value)) if value else Markup()
    x = scale.at(target)
    mark = Markup('<line class="zero" stroke-width="2" x1="{}" x2="{}" y1="6" y2="25"/>').format(x, x)
    return _picture(Markup('<svg height="30" aria-hidden="true">{}{}{}</svg>').format(ground, bar, mark), alt)


def _picture(drawing: Markup, alt: str) -> Markup:
    return Markup('<div class="spark" role="img" aria-label="{}">{}</div>').format(alt, drawing)
