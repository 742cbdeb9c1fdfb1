"""Drawings of a cash plan: a fan of positions, scenarios side by side on one scale, a trend over past origins. Static, as in `charts`.

A fan shows two lines: the median of each day (as likely above as below) and the plan, a mean (the one that adds up).
What its bands have held in the past is written on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from workbench.reporting.charts import (
    Drawing,
    Plot,
    amount_words,
    beside,
    framed,
    percent,
    pixels,
    stairs,
    ticks,
)
from workbench.reporting.voice import Voice

MARK_ROOM = 3.4  # percent of the width that a numbered mark takes
DAY_ROOM = 0.09  # part of the width that a day takes at the bottom
LINE = 15  # pixels between two lines of words
BANDS = (("b95", "q025_mad", "q975_mad"), ("b80", "q10_mad", "q90_mad"))
ROOM = 0.06  # part of the heights kept free above and below

Points = list[tuple[float, float]]


def in_unit(amounts: pd.Series, voice: Voice) -> list[float]:
    """Amounts in the unit of the page: hundredths, or units of the currency where their name ends with `_mad`."""
    size = voice.unit.divisor / (100 if str(amounts.name).endswith("_mad") else 1)
    return [float(amount) / size for amount in amounts]


@dataclass(frozen=True)
class Days:
    """Days as distances from the first one drawn, amounts in the unit of the page."""

    origin: pd.Timestamp
    voice: Voice

    def points(self, data: pd.DataFrame, column: str) -> Points:
        """The known values of a column, each at its day (`in_unit`)."""
        known = data[data[column].notna()]
        days = (pd.to_datetime(known["day_date"]) - self.origin).dt.days
        return [(float(day), amount) for day, amount in zip(days, in_unit(known[column], self.voice), strict=True)]

    def at(self, day: object) -> float:
        """The place of a day."""
        return float((pd.Timestamp(str(day)) - self.origin).days)

    def written(self, x: float) -> str:
        """A place as a day and month."""
        return f"{self.origin + pd.Timedelta(days=x):%d/%m}"


def fan(
    history: pd.DataFrame,
    ahead: pd.DataFrame,
    marks: pd.DataFrame,
    floor_centimes: int | None,
    names: Mapping[str, str],
    voice: Voice,
) -> Drawing:
    """Where the position may go: days known as a staircase, then bands, median and plan, against a floor.

    Parameters
    ----------
    history
        `day_date`, `value_centimes`, one row a day, up to the date of the plan.
    ahead
        `day_date`, `value_centimes` (the plan), `median_mad`, `q025_mad`, `q10_mad`, `q90_mad`, `q975_mad`, one row a bank day after it.
    marks
        Large known flows: `mark_number`, `day_date`; each is a numbered dot under its day.
    names
        Words: `actual`, `median`, `plan`, `band_80`, `band_95`, `floor`, `mark`, `measured` (lines written on the drawing), `alt`.
    """
    days = Days(pd.Timestamp(history["day_date"].iloc[0]), voice)
    past = days.points(history, "value_centimes")
    now, end = past[-1][0] + 1, days.at(ahead["day_date"].iloc[-1]) + 1
    lines = {column: _coming(days.points(ahead, column), past[-1][1], now) for column in _columns(ahead)}
    floors = [] if floor_centimes is None else [floor_centimes / voice.unit.divisor]
    rows = _mark_rows([days.at(day) / end * 100 for day in marks["day_date"]])
    told = [line for line in names["measured"].splitlines() if line]
    heights = [y for points in [past, *lines.values()] for _, y in points] + floors + [0.0]
    plot = _surface(230, end, heights, LINE * len(told) + 8, 22 + LINE * (max(rows, default=-1) + 1))
    plot.rect((now, end), (plot.low, plot.high), "fw")
    for style, low, high in BANDS:
        plot.area(stairs(lines[high], end), stairs(lines[low], end), style)
    scale = _scale(plot, heights, floors)
    plot.curve(stairs(past, now), "lv")
    plot.curve(stairs(lines["median_mad"], end), "lm")
    plot.curve(stairs(lines["value_centimes"], end), "lf")
    _written(plot, told, days, now, end)
    _named(plot, past[-1], lines["value_centimes"], floors, days, end)
    for row, number, day in zip(rows, marks["mark_number"], marks["day_date"], strict=True):
        _mark(plot, days.at(day) + 0.5, plot.height - 30 - LINE * row, str(number))
    words = [(lines[column][-1][1], names[name], "b" if name == "plan" else "i") for column, name in _ENDS]
    right = [(y, f"{amount_words(y, voice)} {word}", style) for y, word, style in words]
    right += [(y, f"{amount_words(y, voice)} {names['floor']}", "bd") for y in floors]
    return Drawing(framed(plot, scale, beside(plot, right), voice), names["alt"], _legend(names, bool(floors), voice))


_ENDS = (("value_centimes", "plan"), ("median_mad", "median"))


def _columns(ahead: pd.DataFrame) -> list[str]:
    return [name for name in ahead.columns if name.endswith("_mad") or name == "value_centimes"]


def _coming(points: Points, last: float, now: float) -> Points:
    """What is to come begins where what is known ends."""
    return [(now, last), *points]


def _surface(height: int, end: float, heights: Sequence[float], top: float, bottom: float) -> Plot:
    room = (max(heights) - min(heights)) * ROOM or 1
    low = min(heights) - (room if min(heights) < 0 else 0)
    return Plot(height, (0, end), (low, max(heights) + room), top, bottom)


def _scale(plot: Plot, heights: Sequence[float], floors: Sequence[float]) -> list[float]:
    marks = ticks(min(heights), max(heights))
    for mark in marks:
        plot.across(mark, "zero" if mark == 0 else "grid")
    for floor in floors:
        plot.across(floor, "floor")
    return marks


def _legend(names: Mapping[str, str], has_floor: bool, voice: Voice) -> list[tuple[str, str]]:
    told = [("lv", "actual"), ("lf", "plan"), ("lm", "median"), ("b80", "band_80"), ("b95", "band_95")]
    told += [("floor", "floor")] if has_floor else []
    return [(style, names[f"{name}_legend"] if f"{name}_legend" in names else names[name]) for style, name in told]


def _written(plot: Plot, told: Sequence[str], days: Days, now: float, end: float) -> None:
    """What the bands have held, at the top; the days, at the bottom."""
    for number, line in enumerate(told):
        plot.text(0, 12 + LINE * number, line, "i h")
    plot.text(0, plot.height - 5, days.written(0), "m")
    plot.text(now, plot.height - 5, days.written(now - 1), "i mid")
    plot.text(end, plot.height - 5, days.written(end - 1), "m e")
    firsts = pd.date_range(days.origin, days.origin + pd.Timedelta(days=end), freq="MS")
    apart = end * DAY_ROOM
    for x in (days.at(first) for first in firsts):
        if min(x, abs(x - now), end - x) > apart:
            plot.text(x, plot.height - 5, days.written(x), "m mid")


def _named(
    plot: Plot, last: tuple[float, float], plan: Points, floors: Sequence[float], days: Days, end: float
) -> None:
    """The position of the day, and the low point of the plan with its day."""
    low_x, low_y = min(plan, key=lambda point: (point[1], point[0]))
    below = bool(floors) and low_y < floors[0]
    plot.dot(last[0] + 1, last[1], "fa", 4.5)
    plot.text(last[0] + 1, plot.y_at(last[1]) - 9, amount_words(last[1], days.voice), "b h e")
    if low_x <= last[0] + 1:
        return
    plot.dot(low_x + 0.5, low_y, "fb" if below else "fa", 4.5)
    style = f"{'bd' if below else 'b'} h {'e' if low_x > end * 0.9 else 'mid'}"
    words = f"{amount_words(low_y, days.voice)} · {days.written(low_x)}"
    plot.text(low_x + 0.5, min(plot.y_at(low_y) + 18, plot.height - 24), words, style)


def _mark(plot: Plot, x: float, y: float, number: str) -> None:
    plot.add(
        Markup('<circle class="o" cx="{}" cy="{}" r="7"/>').format(percent(plot.x_at(x)), pixels(y)),
    )
    plot.text(x, y + 4, number, "i mid")


def _mark_rows(places: Sequence[float]) -> list[int]:
    """The row of each mark, so that two never touch; places are in percent of the width."""
    ends: list[float] = []
    rows = []
    for place in places:
        row = next((n for n, end in enumerate(ends) if place >= end), len(ends))
        ends[row : row + 1] = [place + MARK_ROOM]
        rows.append(row)
    return rows


def panels(
    curves: pd.DataFrame,
    base: str,
    floor_centimes: int | None,
    titles: Mapping[str, str],
    names: Mapping[str, str],
    voice: Voice,
) -> Drawing:
    """Scenarios side by side, one scale for all: each over the plan itself, paler, with its low point and day.

    Parameters
    ----------
    curves
        `scenario_code`, `day_date`, `value_centimes`, and where they are known `q10_mad`, `q90_mad`; in the order of the panels.
    base
        The scenario that is the plan: drawn in every panel, in none of its own.
    titles
        A title a scenario. `names`: `plan`, `scenario`, `band_80`, `floor`, `alt`.
    """
    days = Days(pd.Timestamp(curves["day_date"].min()), voice)
    codes = [code for code in dict.fromkeys(curves["scenario_code"]) if code != base]
    lines = {code: days.points(rows, "value_centimes") for code, rows in curves.groupby("scenario_code", sort=False)}
    bands = {code: _band(days, rows) for code, rows in curves.groupby("scenario_code", sort=False)}
    floors = [] if floor_centimes is None else [floor_centimes / voice.unit.divisor]
    end = max(x for points in lines.values() for x, _ in points) + 1
    drawn = [y for points in lines.values() for _, y in points]
    drawn += [y for code in codes for side in bands[code] for _, y in side]
    made = []
    for code in codes:
        plot = _surface(135, end, [*drawn, *floors, 0.0], 8, 34)
        low, high = bands[code]
        if low:
            plot.area(stairs(high, end), stairs(low, end), "b80")
        scale = _scale(plot, [*drawn, *floors, 0.0], floors)
        plot.curve(stairs(lines[base], end), "lb")
        plot.curve(stairs(lines[code], end), "lf")
        _low_of(plot, lines[code], floors, days, end)
        shape = Markup('<div class="panel"><p class="pt">{}</p>{}</div>')
        made.append(shape.format(titles[code], framed(plot, scale, None, voice)))
    told = [
        ("lf", names["scenario"]),
        ("lb", names["plan"]),
        *([("b80", names["band_80"])] if any(bands[c][0] for c in codes) else []),
    ]
    told += [("floor", names["floor"])] if floors else []
    return Drawing(Markup('<div class="panels">{}</div>').format(Markup().join(made)), names["alt"], told)


def _band(days: Days, rows: pd.DataFrame) -> tuple[Points, Points]:
    if not {"q10_mad", "q90_mad"} <= set(rows.columns) or rows["q10_mad"].isna().all():
        return [], []
    return days.points(rows, "q10_mad"), days.points(rows, "q90_mad")


def _low_of(plot: Plot, points: Points, floors: Sequence[float], days: Days, end: float) -> None:
    """The low point of a panel: a dot, and its amount and day below, where no line passes."""
    x, y = min(points, key=lambda point: (point[1], point[0]))
    below = bool(floors) and y < floors[0]
    plot.dot(x + 0.5, y, "fb" if below else "fa", 3.5)
    edge = "" if x < end * 0.2 else " e" if x > end * 0.8 else " mid"
    words = f"{amount_words(y, days.voice)} · {days.written(x)}"
    plot.text(x + 0.5, plot.height - 20, words, f"{'bd' if below else 'b'} h{edge}")
    plot.text(0, plot.height - 5, days.written(0), "m")
    plot.text(end, plot.height - 5, days.written(end - 1), "m e")


def trend(
    data: pd.DataFrame,
    value: str,
    beside_value: str | None,
    target: float | None,
    names: Mapping[str, str],
    voice: Voice,
) -> Drawing:
    """A share over past origins, oldest first: dots joined by a line, another measure paler, a target dashed.

    `data` has `origin_date`, `value` and `beside_value` (0–1, or more). `names`: `value`, `beside`, `target`, `alt`.
    """
    known = data[data[value].notna()].reset_index(drop=True)
    own = [(float(n), float(v) * 100) for n, v in enumerate(known[value])]
    other = (
        []
        if beside_value is None
        else [(float(n), float(v) * 100) for n, v in enumerate(known[beside_value]) if pd.notna(v)]
    )
    heights = [y for _, y in own + other] + ([] if target is None else [target * 100]) + [0.0]
    plot = Plot(170, (-0.5, len(known) - 0.5), (0, max(heights) * 1.08 or 1), 14, 22)
    scale = ticks(0, max(heights))
    for mark in scale:
        plot.across(mark, "zero" if mark == 0 else "grid")
    if target is not None:
        plot.across(target * 100, "aim")
    if len(other) > 1:
        plot.curve(other, "lb")
    if len(own) > 1:
        plot.curve(own, "lv")
    for x, y in own:
        plot.dot(x, y, "fa", 3.5)
    for x, y in own[:1] + own[-1:] if len(own) > 1 else own:
        plot.text(x, plot.y_at(y) - 9, voice.written(y / 100, "pct0"), "b h mid")
    step, last = max(1, len(known) // 4), len(known) - 1
    for number, day in enumerate(known["origin_date"]):
        if number == last or (number % step == 0 and last - number >= step):
            plot.text(float(number), plot.height - 5, f"{pd.Timestamp(day):%d/%m}", "m mid")
    told = [("lv", names["value"])] + ([("lb", names["beside"])] if other else [])
    told += [("aim", names["target"])] if target is not None else []
    return Drawing(_in_percent(plot, scale, voice), names["alt"], told)


def _in_percent(plot: Plot, scale: Sequence[float], voice: Voice) -> Markup:
    shape = Markup('<text class="m e" x="100%" dx="-6" y="{}">{}</text>')
    told = [shape.format(pixels(plot.y_at(mark) + 4), voice.written(mark / 100, "pct0")) for mark in scale]
    left = Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(plot.height, Markup().join(told))
    return Markup('<div class="plot">{}{}<span></span></div>').format(left, plot.svg())
