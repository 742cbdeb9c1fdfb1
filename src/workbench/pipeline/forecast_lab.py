"""The forecast lab: the flows of an office, a study of each, and its figures, for a notebook in the hands of an analyst."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench import banking, cash
from workbench.cash.models.calendar_design import feasts_of
from workbench.cash.models.dated_events import load_events
from workbench.pipeline.flow_history import classified_lines
from workbench.reporting import lab
from workbench.standards import load_bank_days, load_movable_feasts

WEEKS_BACK = 13  # of the origin, where none is asked for: a whole test has come since


@dataclass(frozen=True)
class Lab:
    """The flows of an office up to a date, and the labels of its lines in a language."""

    as_of: date
    lang: str
    flows: pd.DataFrame
    labels: dict[str, str]

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
        """The study of a line from a past day (ISO; none: thirteen weeks before the date). `thorough` races more models, and takes longer."""
        day = (
            date.fromisoformat(origin) if origin else (pd.Timestamp(self.as_of) - pd.Timedelta(weeks=WEEKS_BACK)).date()
        )
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
        return lab.scores(found.scores, lab.lab_voice(self.lang, found.history))

    def show(self, line_code: str, origin: str = "", candidates: str = "default") -> None:
        """Everything of a line from a day, one figure after another: for a widget."""
        from IPython.display import display

        found = self.study(line_code, origin, candidates)
        for figure in self.figures(found).values():
            display(figure)  # type: ignore[no-untyped-call]
        display(self.scores(found))  # type: ignore[no-untyped-call]


def lab_of(office: Any, as_of: date, lang: str = "fr", currency_code: str = "MAD") -> Lab:
    """The lab of an office on a date."""
    bank_days = load_bank_days()
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=as_of)
    flows = cash.daily_flows(classified_lines(office, as_of), accounts, bank_days, as_of)
    labels = {line.line_code: line.label_fr if lang == "fr" else line.label_en for line in cash.load_lines()}
    return Lab(as_of, lang, flows[flows["currency_code"] == currency_code].reset_index(drop=True), labels)
