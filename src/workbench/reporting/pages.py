"""A page of a report, written as the notebook goes: verdict, cards, decisions, sections, tables, drawings, definitions, stamp.

A notebook calls the methods of `Page` in the order in which a reader reads. Each shows one block; `export` lays the blocks out.

    page = reporting.page("treasury/cash_position", as_of=as_of, lang=lang, office=office)
    page.check("banks = office", left, right)               # stops the report where figures do not tie
    page.verdict("verdict_alert", "alert", value=…, low=…)   # the answer, one sentence
    page.lede(["idle", "unproven"], accounts=14)             # two or three more
    page.cards([card_of(fact), Card("card_rest", 123, "mdh")])
    page.decisions([Decision("decide_sweep", 5_000_000_00, before=day, values={"n": 14})])
    page.section("where")                                    # sentence `section_where`: the director's question
    page.table("by_bank", table, total=True, bars=["value_centimes"], n=9)
    page.heat_table("ages", aged, "directorate_code", "age_bucket", "outstanding_centimes")
    page.level("curve", history, forward, floor_centimes=…)
    page.cascade("flows", steps)
    page.close()                                             # definitions, stamp, workbook

A key names sentences of `sentences/<report>.toml`: `<key>` the title, which states the finding; `<key>_sub` measure, unit and date;
`<key>_note` what a reader must know (titles `<name>_<tone>` may share `<name>_sub` and `<name>_note`). Columns are named by `schemas.columns`, or by a sentence `head_<column>`; codes by a sentence
`<column>_<code>`. `width` is `full`, `most` (2/3), `side` (1/3), `half`, `third`: blocks that fit stand side by side.

Every text goes through `markupsafe`: a name that holds markup is shown as written. All tables also go to the workbook.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display
from markupsafe import Markup

from workbench.errors import RunError
from workbench.reporting import cards as parts
from workbench.reporting import tables, words, workbook
from workbench.reporting.cards import Card, Decision
from workbench.reporting.drawn_blocks import LONG, titled
from workbench.reporting.list_blocks import ListBlocks
from workbench.reporting.voice import Voice
from workbench.schemas.checking import Problem
from workbench.schemas.facts import Fact

WIDTHS = ("full", "most", "side", "half", "third")


def page(report: str, as_of: str, lang: str, office: Any) -> "Page":
    """Begin the page of a report on an office as it was known on one import: its title is shown.

    Shows too the sentence `overline` where the report has it, and a badge where the office is synthetic.
    """
    return Page(report, as_of, lang, office)


class Page(ListBlocks):
    """What a notebook writes on; see the module."""

    def __init__(self, report: str, as_of: str, lang: str, office: Any) -> None:
        self._voice, self._as_of, self._office = Voice(report, lang), words.day_of(as_of), office
        self._checks, self._drawn, self._defined = 0, 0, False
        self._sheets: list[workbook.Sheet] = []
        say, maybe = self._voice.say, self._voice.maybe
        badge = Markup('<span class="fake">{}</span>').format(say("synthetic")) if office.is_synthetic else ""
        head = Markup('<p class="over">{}{}</p><h1>{}</h1>').format(
            maybe("overline", "<span>{}</span>"), badge, say("title", as_of=self._as_of)
        )
        self._show(head, "head")

    def _show(self, html: Markup, part: str = "body", **more: str) -> None:
        kept = {"workbench": {"part": part, **more}}
        display({"text/html": str(html)}, raw=True, metadata=kept)  # type: ignore[no-untyped-call]

    def _block(self, key: str, body: Markup, width: str, values: Mapping[str, Any], flows: bool = False) -> None:
        """A title that states the finding, its subtitle, what it shows, its note."""
        if width.removesuffix(" folded") not in WIDTHS:
            raise RunError(f"a block cannot be {width!r} wide", remedy=", ".join(WIDTHS))
        sub = self._beside(key, "sub", '<p class="sub">{}</p>', values)
        title = Markup("<figcaption><h3>{}</h3>{}</figcaption>").format(self._voice.say(key, **values), sub)
        note = self._beside(key, "note", '<p class="note">{}</p>', values)
        style = f"fig {width}{' flow' if flows else ''}"
        self._show(Markup('<figure class="{}">{}{}{}</figure>').format(style, title, body, note))

    def _beside(self, key: str, part: str, shape: str, values: Mapping[str, Any]) -> Markup:
        """Subtitle or note of a block: of its key, or of what comes before the last `_` of its key where several titles share one."""
        found = self._voice.maybe(f"{key}_{part}", shape, **values)
        return found or self._voice.maybe(f"{key.rpartition('_')[0]}_{part}", shape, **values)

    # ── the head of the page

    def money(self, currency: str, largest_centimes: int | None) -> None:
        """Amounts of the page are of one currency, in the unit in which its largest amount keeps its meaning (`words.unit_for`)."""
        self._voice.unit = words.unit_for(currency, largest_centimes)

    @property
    def unit(self) -> str:
        """The unit of amounts of the page, in words (« MDH », « EUR »), for sentences."""
        return self._voice.unit.name(self._voice.lang)

    def word(self, column: str, code: Any) -> str:
        """The word of a code, for a sentence that names it."""
        return self._voice.word(column, code)

    def scope(self, tone: str = "known", **values: Any) -> None:
        """What the page covers: the sentence `scope_<tone>`, under the title."""
        self._show(Markup('<p class="scope">{}</p>').format(self._voice.say(f"scope_{tone}", **values)), "head")

    def check(self, name: str, left: int, right: int) -> None:
        """Two figures that must be equal; `RunError` names them where they are not, and nothing is published."""
        if left != right:
            raise RunError(f"{name}: {left} is not {right}", remedy="the page is not published")
        self._checks += 1

    def verdict(self, key: str, status: str, **values: Any) -> None:
        """The finding, in one sentence: what, how much, when, what to do. `status` is that of the index of reports."""
        shape = Markup('<p class="verdict" data-status="{}">{}</p>')
        self._show(shape.format(status, self._voice.say(key, **values)), "head")

    def lede(self, keys: Sequence[str], **values: Any) -> None:
        """Two or three sentences more; what each has in bold is read first."""
        said = Markup(" ").join(self._voice.say(key, **values) for key in keys)
        self._show(Markup('<p class="lede">{}</p>').format(said), "head")

    def cards(self, items: Sequence[Card | Fact | tuple[str, Any, str]]) -> None:
        """The few figures that matter: cards, facts, or (key of the label, value, kind)."""
        ready = [
            parts.card_of(item) if isinstance(item, Fact) else item if isinstance(item, Card) else Card(*item)
            for item in items
        ]
        body = Markup().join(parts.card(item, self._voice) for item in ready)
        shape = Markup('<ul class="cards n{}" aria-label="{}">{}</ul>')
        self._show(shape.format(len(ready), self._voice.say("key_figures"), body))

    def decisions(self, rows: Sequence[Decision]) -> None:
        """What needs a decision, most pressing first."""
        self._show(parts.decisions(rows, self._voice), section="decisions", named=self._voice.plain("nav_decisions"))

    # ── the body

    def section(self, key: str, **values: Any) -> None:
        """Begin a section under the sentence `section_<key>`, a question; `nav_<key>` is its short name in the contents."""
        told = self._voice.say(f"section_{key}", **values)
        short = self._voice.maybe(f"nav_{key}", "{}") or told
        shape = Markup('<h2 id="s-{}">{}</h2>').format(key, told)
        self._show(shape, section=f"s-{key}", named=str(short.striptags()))

    def text(self, key: str, width: str = "full", **values: Any) -> None:
        """Paragraphs (one a line of the sentence), under the sentence `<key>_title` if it is there."""
        title = self._voice.maybe(f"{key}_title", "<h3>{}</h3>", **values)
        said = self._voice.paragraphs(key, **values)
        self._show(Markup('<div class="text {}">{}{}</div>').format(width, title, said))

    def table(
        self,
        key: str,
        data: pd.DataFrame,
        kinds: Mapping[str, str] | None = None,
        total: bool = False,
        *,
        bars: Sequence[str] = (),
        most: int | None = None,
        width: str = "full",
        folded: bool = False,
        tone: str = "",
        is_blank: bool = False,
        **values: Any,
    ) -> None:
        """A table under a title that states what it shows; its first column names the row.

        Rows whose `is_level` is true are sums of rows above them: in bold, in no total.

        Parameters
        ----------
        kinds
            How columns are written where their name does not say it (`_centimes` mad, `_date` date, `_count` count, `_share` pct): any kind
            of `reporting.words`; `word` for a code that must have a sentence; `status` for ok, watch, alert, unmeasured.
        total
            Adds the sums of amounts and counts.
        bars
            Columns drawn as one bar, parts side by side, after the last of them; one scale for all rows.
        most
            Rows shown; the files beside the page hold all of them.
        folded
            The table waits behind « Données »; it is not printed.
        tone
            Where several titles are possible: the sentence is `<key>_<tone>`; the sheet of the workbook is `key` whatever was found.
        is_blank
            A figure that is missing is no lack of data: a dash, which the sentence `<key>_note` explains.
        """
        levels = data["is_level"].astype(bool) if "is_level" in data else pd.Series(False, index=data.index)
        data = data.drop(columns="is_level", errors="ignore")
        shown = {column: tables.kind_of(column, kinds or {}) for column in data.columns}
        added = {
            c: data.loc[~levels, c].sum(min_count=1) for c, kind in shown.items() if total and kind in tables.ADDED
        }
        first = data.head(most or len(data))
        title = titled(key, tone)
        body = tables.plain_table(
            self._voice.plain(title, **values),
            first,
            shown,
            added,
            self._voice,
            bars,
            list(levels.head(len(first))),
            is_blank,
        )
        if len(first) < len(data):
            more = self._voice.say("more_rows", shown=len(first), rows=len(data))
            body += Markup('<p class="note">{}</p>').format(more)
        if folded:
            body = Markup("<details><summary>{}</summary>{}</details>").format(self._voice.say("data_behind"), body)
        self._block(title, body, f"{width} folded" if folded else width, values, flows=len(first) > LONG)
        self._keep(key, self._voice.plain(title, **values), data, shown, {} if levels.any() else added)

    def rates(
        self,
        key: str,
        data: pd.DataFrame,
        thresholds: tuple[float, float] | None = None,
        *,
        width: str = "third",
        **values: Any,
    ) -> None:
        """Rates (0–1) as dots on one scale, last year's tick behind each, thresholds as lines, change in points, status in a word.

        `data`: a code or a name, `rate`, `previous_rate`, `change_pts`; `thresholds` are (on target from, alert below).
        """
        shown = {column: tables.kind_of(column, {"rate": "pct"}) for column in data.columns}
        body = tables.rate_table(self._voice.plain(key, **values), data, thresholds, self._voice)
        self._block(key, body, width, values)
        self._keep(key, self._voice.plain(key, **values), data, shown, {})

    def heat_table(
        self,
        key: str,
        data: pd.DataFrame,
        rows: str,
        columns: str,
        value: str,
        kind: str = "mdh",
        width: str = "full",
        tone: str = "",
        **values: Any,
    ) -> None:
        """Two codes against one another, one blue by steps, a number in every cell, totals on both sides.

        `data` is long: one row a pair of `rows` and `columns`, `value` in hundredths or a count; a pair that is absent shows « – ». Rows are
        in decreasing order of their total, columns in the order of their codes. `tone` as in `table`.
        """
        title = titled(key, tone)
        body = tables.heat_table(self._voice.plain(title, **values), data, rows, columns, value, kind, self._voice)
        self._block(title, body, width, values)
        shown = {column: tables.kind_of(column, {value: kind}) for column in data.columns}
        self._keep(key, self._voice.plain(title, **values), data, shown, {value: data[value].sum(min_count=1)})

    def problems(self, found: Sequence[Problem], most: int = 20) -> None:
        """What is wrong in the data received: where, what, what to do; a sentence where nothing is."""
        if not found:
            self._show(Markup('<p class="note">{}</p>').format(self._voice.say("no_problems")))
            return
        rows = [(one.where, one.message(self._voice.lang), one.remedy(self._voice.lang)) for one in found]
        data = pd.DataFrame(rows, columns=["problem_where", "problem_what", "problem_remedy"])
        self.table("problems_title", data, most=most, n=len(found))

    def method(self, key: str = "method", **values: Any) -> None:
        """Definitions, one a line of the sentence, in two columns, under « Définitions »."""
        told = self._voice.say("method_title")
        self._show(Markup('<h2 id="s-method">{}</h2>').format(told), section="s-method", named=str(told.striptags()))
        said = self._voice.paragraphs(key, **values)
        self._show(Markup('<div class="text columns">{}</div>').format(said))
        self._defined = True

    # ── the end

    def close(self, **named: str | None) -> None:
        """Definitions (where `method` was not called), stamp, and the workbook in the folder WORKBENCH_OUTPUT, where it is set.

        `named`: what else the stamp names, by the key of its sentence (`plan`: `stamp_plan`); None: `<key>_none` says that there is none.
        """
        if not self._defined:
            self.method()
        data = "data_synthetic" if self._office.is_synthetic else "data_office"
        stamp = {
            self._voice.plain("stamp_as_of"): self._voice.written(self._as_of, "date"),
            self._voice.plain("stamp_import"): words.clean(str(self._office.import_id)),
            self._voice.plain("stamp_checks"): self._voice.plain("checks_passed", n=self._checks),
            **{
                self._voice.plain(f"stamp_{key}"): self._voice.plain(f"{key}_none")
                if name is None
                else words.clean(name)
                for key, name in named.items()
            },
            self._voice.plain("stamp_report"): self._voice.report,
            self._voice.plain("stamp_data"): self._voice.plain(data),
        }
        lines = Markup().join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*line) for line in stamp.items())
        self._show(Markup('<dl class="stamp">{}</dl>').format(lines), "foot")
        if folder := os.environ.get("WORKBENCH_OUTPUT"):
            title = self._voice.plain("title", as_of=self._as_of)
            heads = {key: self._voice.plain(key) for key in ("readme_sheet", "readme_totals", "readme_sheets", "total")}
            name = self._voice.report.rpartition("/")[2]
            workbook.write(Path(folder), name, title, stamp, self._sheets, heads, self._as_of)

    def _keep(
        self, key: str, title: str, data: pd.DataFrame, kinds: Mapping[str, str], added: Mapping[str, Any]
    ) -> None:
        self._sheets.append(workbook.sheet_of(key, title, data, kinds, added, self._voice))
