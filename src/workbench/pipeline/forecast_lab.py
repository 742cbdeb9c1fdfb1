"""The forecast lab: the flows of an office, a study of each, and its figures, for a notebook in the hands of an analyst."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench import banking, cash
from workbench.cash.models.calendar_design import feasts_of
from workbench.cash.models.dated_events import load_events
from workbench.errors import WrongUse
from workbench.french import in_french
from workbench.pipeline.flow_history import classified_lines
from workbench.pipeline.runs import newest_by
from workbench.reporting import lab
from workbench.reporting.voice import Voice
from workbench.reporting.words import day_of
from workbench.standards import load_bank_days, load_movable_feasts

WEEKS_BACK = 13  # of the origin, where none is asked for: a whole test has come since


@dataclass(frozen=True)
class Lab:
    """The flows of an office up to a date, and the labels of its lines in a language; `asked`: the date that was asked for, where another."""

    as_of: date
    lang: str
    flows: pd.DataFrame
    labels: dict[str, str]
    asked: date | None = None

    @property
    def told(self) -> str:
        """What a person should know of the date before anything is shown; empty where it is the one asked for."""
        if self.asked is None or self.asked == self.as_of:
            return ""
        return Voice(lab.REPORT, self.lang).plain("newest", asked=self.asked, as_of=self.as_of)

    @property
    def races(self) -> list[tuple[str, str]]:
        """(words, code) of how many models race: for a list to choose from."""
        voice = Voice(lab.REPORT, self.lang)
        return [(voice.plain(f"race_{code}"), code) for code in ("default", "thorough")]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(label, code) of the lines that have a history, largest first: for a list to choose from."""
        return [(self.labels.get(code, code), code) for code in cash.lines_of(self.flows, self.as_of)]

    @property
    def origins(self) -> list[tuple[str, str]]:
        """(day, ISO day) of the month ends of the last two years, newest first: for a list to choose from."""
        ends = pd.date_range(end=self.as_of, periods=24, freq="ME")[::-1]
        return [(f"{end:%d/%m/%Y}", f"{end:%Y-%m-%d}") for end in ends]

    def study(self, line_code: str, origin: str = "", candidates: str = "default") -> cash.Study:
        """The study of a line from a past day (ISO; none: thirteen weeks before the date). `thorough` races more models, and takes longer.

        Raises `WrongUse`, in the language of the lab: no such line with a history by then, no such day, or a day after the date.
        """
        try:
            return self._study(line_code, origin, candidates)
        except WrongUse as error:
            if self.lang != "fr":
                raise
            raise WrongUse(in_french(error.what), error.where, in_french(error.remedy)) from None

    def _study(self, line_code: str, origin: str, candidates: str) -> cash.Study:
        day = day_of(origin) if origin else (pd.Timestamp(self.as_of) - pd.Timedelta(weeks=WEEKS_BACK)).date()
        known = [code for _, code in self.choices]
        if line_code not in known:
            raise WrongUse(f"no line with a history is called {line_code!r}", "study", "known: " + ", ".join(known))
        directions = {line.line_code: line.direction for line in cash.load_lines()}
        return cash.study(
            self.flows,
            line_code,
            load_bank_days(),
            self.as_of,
            day,
            feasts=feasts_of(load_movable_feasts()),
            events=load_events(),
            direction=directions.get(line_code, "both"),
            candidates=candidates,
        )

    def figures(self, found: cash.Study) -> dict[str, Any]:
        """The figures of a study, by name: history, said, residuals, echoes, weekday, month_place, month."""
        voice, name = lab.lab_voice(self.lang, found.history), self.labels.get(found.line_code, found.line_code)
        model = voice.model(found.model_name)
        by_place = {code: lab.effects(found.effects, code, name, voice) for code in ("weekday", "month_place", "month")}
        return {
            "history": lab.history(found.history, name, voice),
            "said": lab.said(found.said, name, found.origin, model, voice),
            "residuals": lab.residuals(found.residuals, name, voice),
            "echoes": lab.echoes(found.echoes, name, voice),
        } | by_place

    def scores(self, found: cash.Study) -> pd.DataFrame:
        """The candidates and what each was worth at past origins."""
        voice = lab.lab_voice(self.lang, found.history)
        if (
            found.scores.empty
        ):  # a flow that has ended, or is too short or too rare: a model is given it, none has raced
            return lab.unraced(found.model_name, found.reason_code, voice)
        return lab.scores(found.scores, voice)

    def controls(self) -> Any:
        """The lists to choose a line, a past day and a race from, named in words, and a button that shows the study."""
        from ipywidgets import Button, Dropdown, Output, VBox  # type: ignore[import-untyped]

        voice, wide = Voice(lab.REPORT, self.lang), {"description_width": "11em"}
        lists = {"line_code": self.choices, "origin": self.origins, "candidates": self.races}
        chosen = {
            name: Dropdown(options=options, description=voice.plain(f"choose_{name}"), style=wide)
            for name, options in lists.items()
        }
        button, shown = Button(description=voice.plain("choose_show")), Output()

        def show(_: Any) -> None:
            shown.clear_output()
            with shown:
                self.show(**{name: one.value for name, one in chosen.items()})

        button.on_click(show)
        return VBox([*chosen.values(), button, shown])

    def show(self, line_code: str, origin: str = "", candidates: str = "default") -> None:
        """Everything of a line from a day, one figure after another: for a widget."""
        from IPython.display import display

        found = self.study(line_code, origin, candidates)
        for figure in self.figures(found).values():
            display(figure)  # type: ignore[no-untyped-call]
        display(self.scores(found))  # type: ignore[no-untyped-call]


def lab_of(office: Any, as_of: date, lang: str = "fr", currency_code: str = "MAD") -> Lab:
    """The lab of an office on a date; on its newest day booked, where the date is later than that. Raises `Unanswerable` where none is booked."""
    asked, as_of = as_of, newest_by(office, as_of)
    bank_days = load_bank_days()
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=as_of)
    flows = cash.daily_flows(classified_lines(office, as_of), accounts, bank_days, as_of)
    labels = {line.line_code: line.label_fr if lang == "fr" else line.label_en for line in cash.load_lines()}
    return Lab(as_of, lang, flows[flows["currency_code"] == currency_code].reset_index(drop=True), labels, asked)
