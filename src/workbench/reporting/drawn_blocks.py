"""The drawn blocks of a page: cascades, levels, figures, and those of a cash plan. `Page` is made of them; a notebook calls them there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from workbench.errors import RunError
from workbench.reporting import charts, interactive, tables
from workbench.reporting.voice import Voice

LONG = 8  # rows from which a table may go over the end of a sheet of paper


def titled(key: str, tone: str) -> str:
    """The sentence that heads a block: the one of its key, or that of the tone found."""
    return f"{key}_{tone}" if tone else key


class DrawnBlocks(ABC):
    """What draws on a page; the page itself shows blocks, keeps tables for the workbook and proves equalities."""

    _voice: Voice
    _drawn: int

    @abstractmethod
    def check(self, name: str, left: int, right: int) -> None:
        """Two figures that must be equal."""

    @abstractmethod
    def _block(self, key: str, body: Markup, width: str, values: Mapping[str, Any], flows: bool = False) -> None:
        """Show a block under the title of its key."""

    @abstractmethod
    def _keep(
        self, key: str, title: str, data: pd.DataFrame, kinds: Mapping[str, str], added: Mapping[str, Any]
    ) -> None:
        """Keep a table for the workbook."""

    def cascade(
        self,
        key: str,
        steps: pd.DataFrame,
        kind: str = "mdh",
        width: str = "full",
        judged: bool = True,
        tone: str = "",
        **values: Any,
    ) -> None:
        """From one total to another, one named movement a row, each bar beginning where the last one ended.

        Green rises and red falls, unless more is not better: then (`judged` false) both are blue.

        `steps` has `label` (a code with a sentence `cascade_step_<code>`, a day, or a text), `amount_centimes`, `is_level`: where true the
        amount is a total reached, and `RunError` is raised where it is not the sum of what is above it. `certainty_code` is shown if given.
        `tone` as in `table`.
        """
        told = [self._step(label) for label in steps["label"]]
        drawn = list(zip(told, map(int, steps["amount_centimes"]), map(bool, steps["is_level"]), strict=True))
        reached = 0
        for number, (label, amount, is_level) in enumerate(drawn):
            if is_level and number:
                self.check(f"{key}: {label}", reached, amount)
            reached = amount if is_level else reached + amount
        natures = None
        if "certainty_code" in steps:
            codes = steps["certainty_code"]
            natures = ["" if pd.isna(code) else self._voice.word("certainty_code", code) for code in codes]
        title = titled(key, tone)
        body = tables.cascade(self._voice.plain(title, **values), drawn, kind, self._voice, natures, judged)
        self._block(title, body, width, values, flows=len(drawn) > LONG)
        data = pd.DataFrame({"cascade_step": told, "amount_centimes": steps["amount_centimes"].to_numpy()})
        shown = {"cascade_step": "text", "amount_centimes": kind}
        self._keep(key, self._voice.plain(title, **values), data, shown, {})

    def _step(self, label: Any) -> str:
        if isinstance(label, date):
            return self._voice.written(label, "day")
        return self._voice.word("cascade_step", label)

    def level(
        self,
        key: str,
        history: pd.DataFrame,
        forward: pd.DataFrame | None = None,
        floor_centimes: int | None = None,
        *,
        value: str = "value_centimes",
        second: str | None = None,
        width: str = "full",
        tone: str = "",
        **values: Any,
    ) -> None:
        """A balance over time: days known as a staircase, days announced on a wash, the floor; see `charts.level`.

        `history` and `forward` have one row a day: `day_date`, `value`, and in `history` `second`. Raises `RunError` where no day is known.
        `tone` as in `table`.
        """
        known = history[history[value].notna()]
        if known.empty:
            raise RunError(f"{key}: no day has a value to draw", remedy="leave the drawing out where nothing is known")
        first, last, low = known.iloc[0], known.iloc[-1], known.sort_values(value, kind="stable").iloc[0]
        ends = {"first": first[value], "last": last[value], "low": low[value]}
        days = {"first_day": first["day_date"], "last_day": last["day_date"], "low_day": low["day_date"]}
        alt = self._voice.plain("level_alt", **ends, **days)
        if floor_centimes is not None:
            alt += " " + self._voice.plain("level_alt_floor", floor=floor_centimes)
        names = {name: self._voice.plain(f"level_{name}") for name in ("actual", "second", "forecast", "floor")}
        drawing = charts.level(known, forward, floor_centimes, names | {"alt": alt}, self._voice, value, second)
        columns = ["day_date", value, *([second] if second else [])]
        ahead = [] if forward is None else [forward.loc[forward["day_date"] > last["day_date"], ["day_date", value]]]
        every = pd.concat([known[columns], *ahead])
        self.figure(key, drawing, every, width=width, tone=tone, **values)

    def figure(
        self,
        key: str,
        drawing: charts.Drawing,
        data: pd.DataFrame,
        *,
        width: str = "full",
        tone: str = "",
        folded: bool = False,
        kinds: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        """A drawing under the title that states what it shows, with its sentence for whoever hears it, and its data behind it.

        `folded`: its data are many and go to the workbook alone. `kinds`: how columns of its data are written, where their names do not say.
        """
        image = Markup('<div role="img" aria-label="{}">{}</div>').format(drawing.alt, drawing.markup)
        title = titled(key, tone)
        behind = self._behind(key, data, self._voice.plain(title, **values), not folded, kinds or {})
        self._block(title, charts.legend(drawing.legend) + image + behind, width, values, flows=folded)

    def plotly_figure(self, key: str, figure: Any, data: pd.DataFrame, *, width: str = "full", **values: Any) -> None:
        """A plotly figure where a reader zooms, hovers or switches series, and its data behind it.

        The sentence `<key>` is its title and `<key>_alt` what is said of it, with numbers: the figure itself has no title.
        """
        self._drawn += 1
        block = interactive.block(figure, self._drawn, self._voice.plain(f"{key}_alt", **values))
        self._block(key, block + self._behind(key, data, self._voice.plain(key, **values)), width, values)

    def _behind(
        self,
        key: str,
        data: pd.DataFrame,
        title: str,
        is_shown: bool = True,
        kinds: Mapping[str, str] | None = None,
        blank: str = "",
    ) -> Markup:
        """The data of a drawing, folded, and in the workbook. `blank` names the sentence that says why a figure may be missing: a dash."""
        shown = {column: tables.kind_of(column, kinds or {}) for column in data.columns}
        whole = tables.plain_table(title, data, shown, {}, self._voice, is_blank=bool(blank))
        if blank:
            whole += Markup('<p class="note">{}</p>').format(self._voice.say(blank))
        self._keep(key, title, data, shown, {})
        if not is_shown:
            return Markup()
        return Markup("<details><summary>{}</summary>{}</details>").format(self._voice.say("data_behind"), whole)
