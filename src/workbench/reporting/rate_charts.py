"""Drawings of recovery rates: curves of classes of debtors by age, and the funnel of centres. Static, as in `charts`."""

from collections.abc import Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from workbench.reporting.charts import Drawing, Plot, beside, pixels, ticks
from workbench.reporting.voice import Voice

Points = list[tuple[float, float]]
LINES = ("lv", "lb", "lm", "lf")  # one a class: solid, paler, middle, dashed


def curves(data: pd.DataFrame, names: Mapping[str, str], voice: Voice) -> Drawing:
    """What has come in by each age, a line a class, each within its interval.

    `data`: `debtor_class_code`, `age_days`, `rate`, `low_rate`, `high_rate` (0–1); classes in the order drawn. `names`: words of the classes, `age`, `alt`.
    """
    classes = list(dict.fromkeys(data["debtor_class_code"]))[: len(LINES)]
    last = float(data["age_days"].max())
    plot = Plot(230, (0, last), (0, 1.02), 8, 22)
    scale = ticks(0, 1, 6)
    ends = []
    for code in classes:
        mine = data[(data["debtor_class_code"] == code) & data["low_rate"].notna() & data["high_rate"].notna()]
        if len(mine):
            plot.area(_from_nil(mine, "high_rate"), _from_nil(mine, "low_rate"), "b95")
    _ruled(plot, scale)
    for code, style in zip(classes, LINES, strict=False):
        mine = data[data["debtor_class_code"] == code]
        line = _from_nil(mine, "rate")
        plot.curve(line, style)
        ends.append((line[-1][1], voice.written(line[-1][1], "pct0"), "b" if style == "lv" else "i"))
    for age in sorted(data["age_days"].unique()):
        plot.text(float(age), plot.height - 5, str(int(age)), "m e" if age == last else "m mid")
    told = [(style, names[code]) for code, style in zip(classes, LINES, strict=False)]
    return Drawing(_in_percent(plot, scale, beside(plot, ends), voice), names["alt"], told)


def _from_nil(table: pd.DataFrame, column: str) -> Points:
    return [
        (0.0, 0.0),
        *((float(age), float(rate)) for age, rate in zip(table["age_days"], table[column], strict=True)),
    ]


def funnel(data: pd.DataFrame, names: Mapping[str, str], voice: Voice) -> Drawing:
    """Centres by their number of bills and by what they collected ÷ what their mix makes one expect, within what chance allows to their size.

    `data`: `unit_code`, `bill_count`, `index`, `low_index`, `high_index`, `funnel_code`. `names`: `bills`, `limits`, `centre`, `astray`, `alt`.
    """
    table = data.sort_values("bill_count")
    high = max(float(table[["index", "high_index"]].max().max()), 1.0)
    low = min(float(table[["index", "low_index"]].min().min()), 1.0)
    room = 0.06 * (high - low)
    plot = Plot(260, (0, float(table["bill_count"].max()) * 1.04), (low - room, high + room), 10, 24)
    scale = ticks(low, high)
    high_limit, low_limit = ([(float(n), float(y)) for n, y in zip(table["bill_count"], table[name], strict=True)] for name in ("high_index", "low_index"))  # fmt: skip
    plot.area(high_limit, low_limit, "b80")
    _ruled(plot, scale)
    plot.across(1.0, "aim")
    for row in table.to_dict("records"):
        is_off = row["funnel_code"] in ("above", "below")
        plot.dot(row["bill_count"], row["index"], "fd" if is_off else "fa", 4 if is_off else 2.5)
    for row in table[table["funnel_code"].isin(["above", "below"])].to_dict("records"):
        plot.text(row["bill_count"], plot.y_at(row["index"]) - 8, str(row["unit_code"]), "b h mid")
    for count in ticks(0, float(table["bill_count"].max())):
        plot.text(count, plot.height - 5, voice.written(count, "count"), "m mid" if count else "m")
    told = [("b80", names["limits"]), ("fa", names["centre"]), ("fd", names["astray"])]
    marks = Markup().join(_mark(plot, value, voice.written(value, "ratio")) for value in scale)
    left = Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(plot.height, marks)
    return Drawing(Markup('<div class="plot">{}{}<span></span></div>').format(left, plot.svg()), names["alt"], told)


def _ruled(plot: Plot, scale: Sequence[float]) -> None:
    for mark in scale:
        plot.across(mark, "zero" if mark == 0 else "grid")


def _mark(plot: Plot, value: float, words: str) -> Markup:
    return Markup('<text class="m e" x="100%" dx="-6" y="{}">{}</text>').format(pixels(plot.y_at(value) + 4), words)


def _in_percent(plot: Plot, scale: Sequence[float], right: Markup, voice: Voice) -> Markup:
    marks = Markup().join(_mark(plot, value, voice.written(value, "pct0")) for value in scale)
    left = Markup('<svg height="{}" aria-hidden="true">{}</svg>').format(plot.height, marks)
    return Markup('<div class="plot named">{}{}{}</div>').format(left, plot.svg(), right)
