"""Figures of the forecast lab (plotly, for hands): history, what was said on a day and what came, what models left, what the calendar does.

Data come as the tables of `cash.Study`; words from `sentences/forecast_lab.toml`. What stands in a label is text, whatever it holds.
"""

from typing import Any

import pandas as pd

from workbench.reporting.plan_figures import FILLS, layout
from workbench.reporting.style import TOKENS
from workbench.reporting.voice import Voice
from workbench.reporting.words import unit_for

REPORT = "explore/forecast_lab"
BANDS = (("b95", "q025_mad", "q975_mad", "band_95"), ("b80", "q10_mad", "q90_mad", "band_80"))
MONTHS = "%m/%Y"  # days of a long history


def lab_voice(lang: str, history: pd.DataFrame, currency_code: str = "MAD") -> Voice:
    """The voice of the lab, « fr » or « en »; amounts in the unit in which the largest day of a `history` keeps its meaning."""
    voice, largest = Voice(REPORT, lang), history["actual_mad"].abs().max()
    voice.unit = unit_for(currency_code, 0 if pd.isna(largest) else int(largest * 100))
    return voice


def titled_figure(title: str, voice: Voice, under: str = "", **more: Any) -> Any:
    """An empty figure of a lab, with its title, a line under it and a legend."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(voice, **({"showlegend": True, "hovermode": "x unified"} | more)))
    figure.update_layout(
        title={
            "text": as_text(title),
            "font": {"size": 16},
            "subtitle": {"text": as_text(under), "font": {"size": 12}},
        },
        margin={"t": 64 if under else 48},
        legend={"orientation": "h"},
        modebar={"orientation": "v"},
    )
    return figure


def as_text(text: str) -> str:
    """Text that plotly does not read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_unit(values: pd.Series, voice: Voice) -> list[float]:
    return [float(value) * 100 / voice.unit.divisor for value in values]


def history(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """The flow of every bank day, and its mean over the last month of bank days."""
    figure = titled_figure(voice.plain("history", name=name), voice)
    figure.update_xaxes(tickformat=MONTHS)
    values = table["actual_mad"]
    figure.add_bar(
        x=table["day_date"], y=_in_unit(values, voice), name=voice.plain("actual"), marker={"color": TOKENS["prev"]}
    )
    smooth = values.rolling(21, min_periods=5).mean()
    line = {"color": TOKENS["ink"], "width": 2}
    figure.add_scatter(
        x=table["day_date"], y=_in_unit(smooth, voice), mode="lines", name=voice.plain("smooth"), line=line
    )
    return figure


def said(table: pd.DataFrame, name: str, origin: object, model: str, voice: Voice) -> Any:
    """What the model would have said from an origin: bands, median, mean, the naive forecast, and what came since."""
    figure = titled_figure(voice.plain("said", name=name, origin=origin, model=model), voice)
    empty = {"color": "rgba(0,0,0,0)"}
    for style, low, high, word in BANDS:
        figure.add_scatter(
            x=table["day_date"], y=_in_unit(table[low], voice), mode="lines", line=empty, showlegend=False
        )
        filled = {"mode": "lines", "line": empty, "fill": "tonexty", "fillcolor": FILLS[style]}
        figure.add_scatter(x=table["day_date"], y=_in_unit(table[high], voice), name=voice.plain(word), **filled)
    lines = (("median_mad", "second", "solid"), ("mean_mad", "ink", "dash"), ("naive_mad", "prev", "dot"))
    for column, colour, dash in lines:
        drawn = {"color": TOKENS[colour], "width": 1.75, "dash": dash}
        figure.add_scatter(
            x=table["day_date"], y=_in_unit(table[column], voice), mode="lines", name=voice.plain(column), line=drawn
        )
    dots = {"color": TOKENS["bad"], "size": 6}
    figure.add_scatter(
        x=table["day_date"],
        y=_in_unit(table["actual_mad"], voice),
        mode="markers",
        name=voice.plain("came"),
        marker=dots,
    )
    return figure


def residuals(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """What the calendar leaves of every day it learnt from."""
    figure = titled_figure(voice.plain("residuals", name=name), voice)
    figure.update_xaxes(tickformat=MONTHS)
    dots = {"color": TOKENS["second"], "size": 4}
    figure.add_scatter(
        x=table["day_date"],
        y=_in_unit(table["residual_mad"], voice),
        mode="markers",
        name=voice.plain("left"),
        marker=dots,
    )
    return figure


def echoes(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """Correlation of what is left with what was left so many bank days before, and what chance gives."""
    figure = titled_figure(voice.plain("echoes", name=name), voice, xaxis={"title": {"text": voice.plain("lag")}})
    figure.update_yaxes(title={"text": ""}, tickformat=".1f")
    figure.add_bar(
        x=table["lag_days"],
        y=table["correlation_share"],
        name=voice.plain("correlation"),
        marker={"color": TOKENS["actual"]},
    )
    for sign in (-1, 1):
        limit = {"color": TOKENS["bad"], "width": 1, "dash": "dash"}
        figure.add_scatter(
            x=table["lag_days"],
            y=sign * table["limit_share"],
            mode="lines",
            line=limit,
            name=voice.plain("chance"),
            showlegend=sign > 0,
        )
    return figure


def effects(table: pd.DataFrame, code: str, name: str, voice: Voice) -> Any:
    """Mean of a flow by weekday, place in the month or month of the year: as it was, and as the calendar model fits it."""
    mine = table[table["effect_code"] == code]
    figure = titled_figure(voice.plain(f"effect_{code}", name=name), voice)
    places = [voice.word(f"{code}_place", str(place)) for place in mine["place_count"]]
    figure.update_xaxes(type="category", title={"text": voice.plain(f"effect_{code}_axis")})
    figure.add_bar(
        x=places, y=_in_unit(mine["actual_mad"], voice), name=voice.plain("actual"), marker={"color": TOKENS["actual"]}
    )
    figure.add_bar(
        x=places, y=_in_unit(mine["fitted_mad"], voice), name=voice.plain("fitted"), marker={"color": TOKENS["prev"]}
    )
    return figure


def scores(table: pd.DataFrame, voice: Voice) -> pd.DataFrame:
    """The scores of every candidate, with heads in words, the chosen one marked."""
    shown = table.drop(columns=["is_total", "is_naive"], errors="ignore")
    named = [voice.model(str(name)) for name in shown["model_name"]]
    marked = shown.assign(
        model_name=named, is_chosen=[voice.plain("chosen") if one else "" for one in shown["is_chosen"]]
    )
    return marked.rename(columns={column: str(voice.label(column).striptags()) for column in marked.columns}).round(3)


def unraced(model_name: str, reason_code: str, voice: Voice) -> pd.DataFrame:
    """What stands in the place of the scores where no model has raced: the model that was given to the flow, and why."""
    row = {"model_name": voice.model(model_name), "reason_code": voice.word("reason_code", reason_code)}
    return pd.DataFrame([{str(voice.label(column).striptags()): text for column, text in row.items()}])
