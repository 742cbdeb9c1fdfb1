"""The blocks of a cash plan on a page: a fan, scenarios on one scale, a trend, lines × weeks, and the treasurer's own sheet."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.reporting import charts, interactive, plan_charts, plan_figures, plan_sheet, words, workbook
from workbench.reporting.charts import Drawing
from workbench.reporting.drawn_blocks import DrawnBlocks, titled

KNOWN, PLANNED = (
    "position_centimes",
    "planned_position_centimes",
)  # what happened, and what is planned: two columns, two names
FAN_WORDS = ("actual", "median", "plan", "band_80", "band_95", "floor", "known")


class PlanBlocks(DrawnBlocks):
    """What a page of a cash plan draws; see `DrawnBlocks`."""

    _sheets: list[workbook.Sheet]

    def names(self, column: str, labels: Mapping[str, str]) -> None:
        """Words of the codes of a column that are data, not sentences: labels of lines, of scenarios. Said by every block after it.

        They are labels in the language of the page, and get its no-break spaces as sentences do: « 8 % » is never cut.
        """
        self._voice.names[column] = {code: words.typeset(label, self._voice.lang) for code, label in labels.items()}

    def fan(
        self,
        key: str,
        history: pd.DataFrame,
        ahead: pd.DataFrame,
        marks: pd.DataFrame,
        floor_centimes: int | None = None,
        *,
        measured: str = "fan_measured",
        width: str = "full",
        tone: str = "",
        **values: Any,
    ) -> None:
        """A position as it was and as it may be: see `plan_charts.fan`. To hover on a screen; the same, drawn once, on paper.

        `measured` names the sentence that is written on the drawing: what the bands have held in the past.
        """
        says = {name: self._voice.plain(f"fan_{name}") for name in FAN_WORDS}
        says |= {f"{name}_legend": self._voice.plain(f"fan_{name}_legend") for name in ("plan", "median")}
        title = titled(key, tone)
        says |= {
            "measured": self._voice.plain(measured, **values).strip(),
            "alt": self._voice.plain(f"{key}_alt", **values),
        }
        marks = marks.assign(mark_name=[self._voice.word("flow_name", name) for name in marks["flow_name"]])
        still = plan_charts.fan(history, ahead, marks, floor_centimes, says, self._voice)
        figure = plan_figures.fan(history, ahead, marks, floor_centimes, says, self._voice)
        past = history[["day_date", "value_centimes"]].rename(columns={"value_centimes": KNOWN})
        days = pd.concat([past, ahead.rename(columns={"value_centimes": PLANNED})])
        kinds = {KNOWN: "mdh", PLANNED: "mdh"}
        self._live(title, key, figure, still, days, width, values, kinds, blank="fan_blank")

    def _live(
        self,
        title: str,
        key: str,
        figure: Any,
        still: Drawing,
        data: pd.DataFrame,
        width: str,
        values: Mapping[str, Any],
        kinds: Mapping[str, str] | None = None,
        blank: str = "",
    ) -> None:
        """A figure to hover, and the drawing that stands for it on paper and where no script runs."""
        self._drawn += 1
        image = Markup('<div class="still" role="img" aria-label="{}">{}</div>').format(still.alt, still.markup)
        block = interactive.block(figure, self._drawn, still.alt)
        behind = self._behind(key, data, self._voice.plain(title, **values), kinds=kinds, blank=blank)
        both = Markup('<div class="twice">{}{}</div>').format(block, image)
        self._block(title, charts.legend(still.legend) + both + behind, width, values)

    def scenarios(
        self,
        key: str,
        curves: pd.DataFrame,
        base: str,
        floor_centimes: int | None = None,
        *,
        width: str = "full",
        tone: str = "",
        **values: Any,
    ) -> None:
        """Scenarios side by side on one scale, each over the plan; see `plan_charts.panels`. Its data go to the workbook."""
        says = {name: self._voice.plain(f"fan_{name}") for name in ("scenario", "band_80", "floor")}
        says["plan"] = self._voice.word("scenario_code", base)
        says["alt"] = self._voice.plain(f"{key}_alt", **values)
        words = {code: self._voice.word("scenario_code", code) for code in curves["scenario_code"].unique()}
        drawing = plan_charts.panels(curves, base, floor_centimes, words, says, self._voice)
        days = curves.rename(columns={"value_centimes": PLANNED})
        self.figure(key, drawing, days, width=width, tone=tone, folded=True, **values)

    def trend(
        self,
        key: str,
        data: pd.DataFrame,
        value: str,
        beside: str | None = None,
        target: float | None = None,
        *,
        width: str = "half",
        tone: str = "",
        **values: Any,
    ) -> None:
        """A share over past origins, another measure and a target beside it; see `plan_charts.trend`.

        Its words: the heads of the two columns, and the sentence `<key>_target`.
        """
        says = {"value": str(self._voice.label(value).striptags()), "alt": self._voice.plain(f"{key}_alt", **values)}
        says["beside"] = "" if beside is None else str(self._voice.label(beside).striptags())
        says["target"] = "" if target is None else self._voice.plain(f"{key}_target", **values)
        drawing = plan_charts.trend(data, value, beside, target, says, self._voice)
        kinds = dict.fromkeys(data.columns.drop("origin_date"), "pct")
        self.figure(key, drawing, data, width=width, tone=tone, kinds=kinds, **values)

    def schedule(
        self,
        key: str,
        layout: pd.DataFrame,
        floor_centimes: int | None = None,
        *,
        width: str = "full",
        tone: str = "",
        **values: Any,
    ) -> None:
        """Lines × periods, as `cash.treasurer_layout` lays them: opening, lines and their sums, closing. Each column is proven here.

        A balance below the floor is red; a level is in bold. Where the page is not in millions, amounts are whole: there is no room for more.
        """
        for column in plan_sheet.periods(layout):
            self.check(f"{key} {column}", *plan_sheet.closing_of(layout, column))
        title = titled(key, tone)
        told = self._voice.plain(title, **values)
        kind = "mdh" if self._voice.unit.divisor == words.MILLION else "mdh0"
        body = plan_sheet.page_table(told, layout, floor_centimes, kind, self._voice)
        self._block(title, body, width, values, flows=True)
        self._sheets.append(plan_sheet.sheet(key, told, layout, self._voice))

    def treasurer_sheet(self, key: str, layout: pd.DataFrame, **values: Any) -> None:
        """A sheet of the workbook alone: lines × periods, with actual, plan and gap of past periods. Its closings are proven here."""
        for column in plan_sheet.periods(layout):
            self.check(f"{key} {column}", *plan_sheet.closing_of(layout, column))
        self._sheets.append(plan_sheet.sheet(key, self._voice.plain(key, **values), layout, self._voice))
