"""Figures of recovery rates to zoom and hover (plotly): the same data as the static drawings of `rate_charts`, the same colours."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.reporting.plan_figures import FILLS, layout
from workbench.reporting.style import TOKENS
from workbench.reporting.voice import Voice

_STYLES = (("ink", "solid", 2.0), ("second", "solid", 1.5), ("prev", "solid", 1.5), ("ink", "dash", 1.75))


def curves(data: pd.DataFrame, names: Mapping[str, str], voice: Voice) -> Any:
    """The curves of `rate_charts.curves`, with the same arguments."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(voice))
    empty = {"color": "rgba(0,0,0,0)"}
    for code, (colour, dash, width) in zip(dict.fromkeys(data["debtor_class_code"]), _STYLES, strict=False):
        mine = data[data["debtor_class_code"] == code]
        x = [0, *mine["age_days"]]
        figure.add_scatter(x=x, y=_with_nil(mine["low_rate"]), mode="lines", line=empty, hoverinfo="skip")
        figure.add_scatter(
            x=x, y=_with_nil(mine["high_rate"]), mode="lines", line=empty, fill="tonexty", fillcolor=FILLS["b95"], hoverinfo="skip"
        )  # fmt: skip
        line = {"color": TOKENS[colour], "dash": dash, "width": width}
        figure.add_scatter(x=x, y=_with_nil(mine["rate"]), mode="lines+markers", line=line, name=names[code])
    figure.update_xaxes(tickformat="d", hoverformat="d", title={"text": names["age"]})
    figure.update_yaxes(tickformat=".0%", hoverformat=".1%", title={"text": ""})
    return figure


def funnel(data: pd.DataFrame, names: Mapping[str, str], voice: Voice) -> Any:
    """The funnel of `rate_charts.funnel`, with the same arguments."""
    import plotly.graph_objects as go

    figure = go.Figure(layout=layout(voice, hovermode="closest"))
    table = data.sort_values("bill_count")
    empty = {"color": "rgba(0,0,0,0)"}
    x = table["bill_count"].tolist()
    figure.add_scatter(x=x, y=_plain(table["low_index"]), mode="lines", line=empty, hoverinfo="skip")
    figure.add_scatter(x=x, y=_plain(table["high_index"]), mode="lines", line=empty, fill="tonexty", fillcolor=FILLS["b80"], hoverinfo="skip")  # fmt: skip
    is_off = table["funnel_code"].isin(["above", "below"])
    for part, colour, size, name in ((table[~is_off], "ink", 5, "centre"), (table[is_off], "bad", 8, "astray")):
        figure.add_scatter(
            x=part["bill_count"].tolist(),
            y=_plain(part["index"]),
            mode="markers",
            marker={"color": TOKENS[colour], "size": size},
            text=[str(code) for code in part["unit_code"]],
            hovertemplate="%{text} · %{x} · %{y:.2f}<extra></extra>",
            name=names[name],
        )
    figure.add_hline(y=1.0, line={"color": TOKENS["ink3"], "width": 1, "dash": "dash"})
    figure.update_xaxes(tickformat=",d", title={"text": names["bills"]})
    figure.update_yaxes(tickformat=".2f", hoverformat=".2f", title={"text": ""})
    return figure


def _with_nil(values: pd.Series) -> list[float | None]:
    return [0.0, *_plain(values)]


def _plain(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]
