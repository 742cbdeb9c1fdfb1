"""Figures of the recovery lab (plotly, for hands): what is unpaid by age, how fast it is paid, the triangle, ultimate rates, what-if on lags.

Data come as the tables of `pipeline.recovery_lab`; words from `sentences/recovery_lab.toml`. What stands in a label is text, whatever it holds.
"""

from typing import Any

import pandas as pd

from workbench.evidence import Coverage
from workbench.reporting.lab import titled_figure
from workbench.reporting.plan_figures import FILLS
from workbench.reporting.style import TOKENS
from workbench.reporting.voice import Voice
from workbench.reporting.words import Unit, unit_for

REPORT = "explore/recovery_lab"
MONTHS = "%m/%Y"
_SHARE = {"tickformat": ".0%", "hoverformat": ".1%", "rangemode": "tozero"}
_NONE = {"color": "rgba(0,0,0,0)"}


def unit_of(currency_code: str, largest: float) -> Unit:
    """The unit in which the largest of some estimates (units of the currency) keeps its meaning."""
    return unit_for(currency_code, int(largest * 100))


def unpaid(table: pd.DataFrame, name: str, weight: str, median_days: int | None, voice: Voice) -> Any:
    """What is still unpaid at each age (`unpaid_curve`), with its 80 % interval."""
    half = voice.plain("half_never") if median_days is None else voice.plain("half_by", days=median_days)
    title = voice.plain("unpaid", name=name, weight=voice.plain(f"weight_{weight}"))
    figure = titled_figure(title, voice, half)
    x = [0, *table["age_days"]]
    for column, filled in (
        ("low_unpaid_share", {}),
        ("high_unpaid_share", {"fill": "tonexty", "fillcolor": FILLS["b80"]}),
    ):
        word = voice.plain("band_80") if filled else None
        values = [1.0, *_plain(table[column])]
        figure.add_scatter(x=x, y=values, mode="lines", line=_NONE, name=word, showlegend=bool(filled), **filled)
    line = {"color": TOKENS["ink"], "width": 2}
    figure.add_scatter(
        x=x, y=[1.0, *_plain(table["unpaid_share"])], mode="lines+markers", line=line, name=voice.plain("still_unpaid")
    )
    figure.update_xaxes(tickformat="d", hoverformat="d", title={"text": voice.plain("age")})
    figure.update_yaxes(title={"text": ""}, **_SHARE)
    return figure


def hazard(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """Of what is unpaid at an age, what is paid within thirty days (`unpaid_curve`)."""
    figure = titled_figure(voice.plain("hazard", name=name), voice)
    figure.add_bar(x=[str(age) for age in table["age_days"]], y=_plain(table["hazard_share"]), name=voice.plain("paid_in_30"), marker={"color": TOKENS["actual"]})  # fmt: skip
    figure.update_xaxes(type="category", title={"text": voice.plain("age")})
    figure.update_yaxes(title={"text": ""}, **_SHARE)
    return figure


def triangle(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """Vintages by age (`vintage_date`, `age`, `cohort_rate`): what had come in of each hundred dirhams billed; what is not over is blank."""
    import plotly.graph_objects as go

    shares = table.pivot(index="vintage_date", columns="age", values="cohort_rate").sort_index()
    figure = titled_figure(voice.plain("triangle", name=name), voice, hovermode="closest", height=480)
    cells = go.Heatmap(
        x=[str(age) for age in shares.columns],
        y=[f"{day:{MONTHS}}" for day in shares.index],
        z=[_plain(row) for _, row in shares.iterrows()],
        colorscale=[[0, "#ffffff"], [1, TOKENS["second"]]],
        zmin=0,
        zmax=1,
        colorbar={"tickformat": ".0%"},
        hovertemplate="%{y} · %{x} : %{z:.1%}<extra></extra>",
    )
    figure.add_trace(cells)
    figure.update_xaxes(type="category", title={"text": voice.plain("age_months")})
    figure.update_yaxes(type="category", autorange="reversed", title={"text": voice.plain("vintage")})
    return figure


def ultimate(table: pd.DataFrame, name: str, held: Coverage, voice: Voice) -> Any:
    """Rate of each vintage so far, and where it goes, with the interval as past diagonals say it must be."""
    told = voice.plain("held", share=held.share, count=held.count) if held.count else voice.plain("held_none")
    figure = titled_figure(voice.plain("ultimate", name=name), voice, told)
    days = table["vintage_date"]
    for column, filled in (("low_rate", {}), ("high_rate", {"fill": "tonexty", "fillcolor": FILLS["b80"]})):
        word = voice.plain("band_80") if filled else None
        figure.add_scatter(x=days, y=_plain(table[column]), mode="lines", line=_NONE, name=word, showlegend=bool(filled), **filled)  # fmt: skip
    ends = {"color": TOKENS["ink"], "width": 2, "dash": "dash"}
    figure.add_scatter(
        x=days, y=_plain(table["ultimate_rate"]), mode="lines", line=ends, name=voice.plain("ultimate_rate")
    )
    figure.add_bar(x=days, y=_plain(table["cohort_rate"]), name=voice.plain("so_far"), marker={"color": TOKENS["prev"]})
    figure.update_xaxes(tickformat=MONTHS, hoverformat=MONTHS)
    figure.update_yaxes(title={"text": ""}, **_SHARE)
    return figure


def moved(table: pd.DataFrame, name: str, voice: Voice) -> Any:
    """Cash expected if everybody paid some days later or earlier, by horizon."""
    figure = titled_figure(voice.plain("moved", name=name), voice, barmode="group")
    colours = (TOKENS["prev"], TOKENS["actual"])
    for colour, horizon in zip(colours, sorted(table["horizon_days"].unique()), strict=False):
        rows = table[table["horizon_days"] == horizon]
        values = [float(value) * 100 / voice.unit.divisor for value in rows["mean_mad"]]
        figure.add_bar(x=[f"{shift:+d}" if shift else "0" for shift in rows["shift_days"]], y=values, name=voice.plain("within", days=int(horizon)), marker={"color": colour})  # fmt: skip
    figure.update_xaxes(type="category", title={"text": voice.plain("shift")})
    return figure


def _plain(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]
