"""The blocks of recovery rates on a page: curves by class of debtors, and the funnel of centres."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.reporting import rate_charts, rate_figures, tables
from workbench.reporting.drawn_blocks import titled
from workbench.reporting.plan_blocks import PlanBlocks

_KINDS = dict.fromkeys(("rate", "low_rate", "high_rate"), "pct") | dict.fromkeys(
    ("index", "low_index", "high_index"), "ratio"
)


class RateBlocks(PlanBlocks):
    """What a page of recovery rates draws; see `DrawnBlocks`."""

    def paid_curves(self, key: str, data: pd.DataFrame, *, width: str = "full", tone: str = "", **values: Any) -> None:
        """What has come in by each age, a class of debtors a line, with its interval: `rate_charts.curves`. To hover on a screen, drawn once on paper."""
        says = {code: self._voice.word("debtor_class_code", code) for code in data["debtor_class_code"].unique()}
        self._twice(key, "curves", data, says | self._said(key, ("age",), values), width, tone, values)

    def funnel(self, key: str, data: pd.DataFrame, *, width: str = "full", tone: str = "", **values: Any) -> None:
        """Centres within what chance allows to their size, and those outside it: `rate_charts.funnel`."""
        says = self._said(key, ("bills", "limits", "centre", "astray"), values)
        self._twice(key, "funnel", data, says, width, tone, values)

    def vintages(self, key: str, data: pd.DataFrame, *, width: str = "full", tone: str = "", **values: Any) -> None:
        """Months billed against their age: what had come in, one blue by steps, in the order of the calendar; what is not over is blank.

        `data`: `vintage_date`, `age` (months), `cohort_rate` (0–1). Rates have no sums.
        """
        title = self._voice.plain(titled(key, tone), **values)
        wide = data.pivot(index="vintage_date", columns="age", values="cohort_rate").sort_index()
        heads = [tables.head(self._voice.label("vintage_date"))]
        heads += [tables.head(self._voice.plain("age_head", age=int(age)), "pct") for age in wide.columns]
        body = []
        for day, rates in zip(wide.index, wide.to_numpy(), strict=True):
            made = [tables.row_head(f"{day:%m/%Y}")]
            made += [tables.heat_cell(rate, 1.0, "pct0", self._voice) if rate == rate else Markup("<td></td>") for rate in rates]  # fmt: skip
            body.append(tables.row(made))
        self._block(titled(key, tone), tables.table(title, heads, body, (), "heat"), width, values)
        self._keep(key, title, data, {"vintage_date": "date", "age": "count", "cohort_rate": "pct"}, {})

    def _said(self, key: str, names: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, str]:
        told = {name: self._voice.plain(f"{key}_{name}") for name in names}
        return told | {"alt": self._voice.plain(f"{key}_alt", **values)}

    def _twice(
        self, key: str, drawing: str, data: pd.DataFrame, says: Mapping[str, str], width: str, tone: str, values: Mapping[str, Any]
    ) -> None:  # fmt: skip
        still, figure = (getattr(module, drawing)(data, says, self._voice) for module in (rate_charts, rate_figures))
        self._live(titled(key, tone), key, figure, still, data, width, values, _KINDS)
