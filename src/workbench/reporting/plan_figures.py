"""Figures of a cash plan to zoom and hover (plotly). The same data as the static drawings of `plan_charts`, the same colours."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.reporting.plan_charts import BANDS, in_unit
from workbench.reporting.style import TOKENS
from workbench.reporting.voice import Voice

FONT = '"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif'
FILLS = {"b95": TOKENS["band95"], "b80": TOKENS["band80"]}
HEIGHT = 360
MARK_SIZE = 15
LINE = 14  # pixels between two lines of words


def layout(voice: Voice, **more: Any) -> dict[str, Any]:
    """What every figure of a plan shares: type, rules, no box, no legend (the page has its own)."""
    axis = {"gridcolor": TOKENS["hair"], "zerolinecolor": TOKENS["ink"], "tickfont": {"color": TOKENS["ink3"]}}
    return {
        "font": {"family": FONT, "size": 12, "color": TOKENS["ink2"]},
        "margin": {"l": 48, "r": 12, "t": 10, "b": 36},
        "height": HEIGHT,
        "hovermode": "x unified",
        "showlegend": False,
        "paper_bgcolor": "#fff",
        "plot_bgcolor": "#fff",
        "xaxis": axis | {"tickformat": "%d/%m", "hoverformat": "%a %d/%m/%Y", "showgrid": False},
        "yaxis": axis | {"tickformat": ",.0f", "hoverformat": ",.1f", "title": {"text": voice.unit.name(voice.lang)}},
    } | more


def fan(
    history: pd.DataFrame,
    ahead: pd.DataFrame,
    marks: pd.DataFrame,
    floor_centimes: int | None,
    names: Mapping[str, str],
    voice: Voice,
) -> Any:
    """The fan of `plan_charts.fan`, with the same arguments; `marks` also name their flow: `amount_centimes`, `mark_name`."""
    # Imported here: half a second that a page without a figure does not pay.
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(voice))
    past = in_unit(history["value_centimes"], voice)
    days = [history["day_date"].iloc[-1], *ahead["day_date"]]
    lines = {column: [past[-1], *in_unit(ahead[column], voice)] for column in ahead.columns.drop("day_date")}
    step = {"shape": "hv"}
    for style, low, high in BANDS:
        word = names["band_95" if style == "b95" else "band_80"]
        empty = {"color": "rgba(0,0,0,0)"} | step
        figure.add_scatter(x=days, y=lines[low], mode="lines", line=empty, name=f"{word} −")
        filled = {"mode": "lines", "line": empty, "fill": "tonexty", "fillcolor": FILLS[style]}
        figure.add_scatter(x=days, y=lines[high], name=f"{word} +", **filled)
    solid = {"color": TOKENS["ink"], "width": 2} | step
    figure.add_scatter(x=history["day_date"], y=past, line=solid, name=names["actual"])
    thin = {"color": TOKENS["second"], "width": 1.5} | step
    figure.add_scatter(x=days, y=lines["median_mad"], mode="lines", line=thin, name=names["median"])
    dashed = {"color": TOKENS["ink"], "width": 2, "dash": "dash"} | step
    figure.add_scatter(x=days, y=lines["value_centimes"], mode="lines", line=dashed, name=names["plan"])
    _marked(figure, marks, days, lines["value_centimes"], names, voice)
    _floored(figure, floor_centimes, names, voice)
    for number, line in enumerate(names["measured"].split("\n")):
        place = {
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "top",
            "yshift": -LINE * number,
        }
        figure.add_annotation(text=line, showarrow=False, font={"color": TOKENS["ink"], "size": 11}, **place)
    return figure


def _marked(
    figure: Any, marks: pd.DataFrame, days: list[Any], plan: list[float], names: Mapping[str, str], voice: Voice
) -> None:
    """The large known flows, on the plan, each with its number, those of one day together; their names show when hovered."""
    if marks.empty:
        return
    levels = pd.Series(plan, index=pd.to_datetime(pd.Series(days))).groupby(level=0).last()
    colon = ": " if voice.lang == "en" else " : "
    told = [
        f"{name}{colon}{voice.written(amount, 'mdh+')}"
        for name, amount in zip(marks["mark_name"], marks["amount_centimes"], strict=True)
    ]
    by_day = marks.assign(told=told, number=marks["mark_number"].astype(str)).groupby("day_date")
    numbers, hovers = by_day["number"].agg("·".join), by_day["told"].agg(" ; ".join)
    sizes = [MARK_SIZE + 7 * (len(text) - 1) for text in numbers]
    figure.add_scatter(
        x=list(numbers.index),
        y=[float(value) for value in levels.reindex(pd.DatetimeIndex(numbers.index), method="ffill")],
        mode="markers+text",
        text=list(numbers),
        textposition="middle center",
        textfont={"size": 10},
        marker={"size": sizes, "color": "#fff", "line": {"color": TOKENS["actual"], "width": 1.25}},
        hovertext=list(hovers),
        hoverinfo="text",
        name=names["known"],
    )


def _floored(figure: Any, floor_centimes: int | None, names: Mapping[str, str], voice: Voice) -> None:
    if floor_centimes is None:
        return
    y = floor_centimes / voice.unit.divisor
    figure.add_hline(y=y, line={"color": TOKENS["bad"], "width": 1.25, "dash": "dash"})
    words = f"{names['floor']} {voice.written(floor_centimes, 'mdh')}"
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": y, "yanchor": "bottom", "showarrow": False}
    figure.add_annotation(text=words, font={"color": TOKENS["bad"]}, **place)
