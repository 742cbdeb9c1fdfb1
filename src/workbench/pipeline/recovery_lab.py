"""The recovery lab: how the bills of a segment are paid, for a notebook in the hands of an analyst: curve, triangle, ultimate rates, what-if on lags."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.french import in_french
from workbench.pipeline.receipts import Tables, office_cube
from workbench.pipeline.runs import newest_by
from workbench.recovery import cohort_receipts, triangles
from workbench.recovery.cohort_cells import cohort_cells
from workbench.recovery.cohort_rates import Weight, ultimate_rates
from workbench.recovery.payment_curves import median_age_days, moved_receipts, unpaid_curve
from workbench.reporting import recovery_lab as figures
from workbench.reporting.voice import Voice

AGES = (*range(15, 181, 15), *range(210, 361, 30))  # days: fine while most is paid, coarser after
SHIFTS = (-15, -7, 0, 7, 15, 30, 60)
HORIZONS = (28, 91)  # days: four weeks, thirteen
LAST_AGES = 13  # months of a vintage's life that count, its own and twelve more: what comes later is in no rate
TABLES = ("invoices", "allocations", "payments", "credit_notes", "write_offs")


@dataclass(frozen=True)
class SegmentStudy:
    """One segment on a date: `curve` (`unpaid_curve`), `median_days`, `triangle` (`vintage_date`, `age` in months, `cohort_rate`), `rates`
    (`triangles.ultimate_rates`, intervals as wide as `checked` says they must be), `moved` (`moved_receipts`)."""

    segment_code: str
    weight: Weight
    curve: pd.DataFrame
    median_days: int | None
    triangle: pd.DataFrame
    rates: pd.DataFrame
    checked: triangles.IntervalCheck
    moved: pd.DataFrame


class RecoveryLab:
    """The bills of an office up to a date, in one currency; each thing is worked out when it is first asked for.

    On its newest day booked, where the date is later than that: bills of days that nobody told of would seem unpaid. Raises `Unanswerable` where none is.
    """

    def __init__(self, office: Tables, as_of: date, lang: str = "fr", currency_code: str = "MAD") -> None:
        self.asked, self.as_of = as_of, newest_by(office, as_of)
        self.lang, self.currency_code, self._office = lang, currency_code, office

    @cached_property
    def _cells(self) -> pd.DataFrame:
        cells = cohort_cells(
            *(self._office[name] for name in TABLES), as_of=self.as_of, by="segment_code", ages=AGES
        )  # fmt: skip
        return cells[cells["currency_code"] == self.currency_code]

    @cached_property
    def _book(self) -> triangles.TriangleBook:
        return triangles.triangle_book(*(self._office[name] for name in TABLES), as_of=self.as_of)

    @cached_property
    def _expected(self) -> Any:
        until = self.as_of + timedelta(days=max(HORIZONS) - min(SHIFTS))
        return cohort_receipts(office_cube(self._office, self.as_of), self._office["units"], until)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(words, code) of the segments that were billed, those that were billed most first: for a list to choose from."""
        billed = self._book.vintages
        sums = billed[billed["currency_code"] == self.currency_code].groupby("segment_code")["billed_centimes"].sum()
        voice = Voice(figures.REPORT, self.lang)
        return [(voice.word("segment_code", code), code) for code in sums.sort_values(ascending=False).index]

    @property
    def told(self) -> list[str]:
        """What a reader must know before he believes the rest, in his language."""
        later = Voice(figures.REPORT, self.lang).plain("newest", asked=self.asked, as_of=self.as_of)
        return [later] * (self.asked != self.as_of) + [each.message(self.lang) for each in self._book.problems]

    def study(self, segment_code: str, weight: Weight = "amount") -> SegmentStudy:
        """The study of a segment, by `amount` or `count`. Raises `WrongUse`, in the language of the lab, for an unknown segment or weight."""
        known = [code for _, code in self.choices]
        try:
            if segment_code not in known:
                raise WrongUse(
                    f"no segment with bills is called {segment_code!r}", "study", "known: " + ", ".join(known)
                )
            rates = ultimate_rates(self._cells, "segment_code", weight)
        except WrongUse as error:
            if self.lang != "fr":
                raise
            raise WrongUse(in_french(error.what), error.where, in_french(error.remedy)) from None
        curve = unpaid_curve(rates[rates["segment_code"] == segment_code])
        triangle = self._book.triangle(segment_code=segment_code, currency_code=self.currency_code).up_to(LAST_AGES)
        checked = triangles.check_intervals(triangle)
        said = triangles.ultimate_rates(triangle, widening=checked.widening).table()
        return SegmentStudy(
            segment_code,
            weight,
            curve,
            median_age_days(curve),
            _shares(triangle),
            said,
            checked,
            self.moved(segment_code),
        )

    def moved(self, segment_code: str) -> pd.DataFrame:
        """What the cash expected of a segment would be if everybody paid some days later or earlier."""
        keys = self._expected.keys
        mine = ((keys["segment_code"] == segment_code) & (keys["currency_code"] == self.currency_code)).to_numpy()
        return moved_receipts(self._expected.days, self._expected.amounts[:, mine].sum(axis=1), SHIFTS, HORIZONS)

    def figures(self, found: SegmentStudy) -> dict[str, Any]:
        """The figures of a study, by name: unpaid, hazard, triangle, ultimate, moved."""
        voice = Voice(figures.REPORT, self.lang)
        name = voice.word("segment_code", found.segment_code)
        largest = float(np.nanmax(np.abs(found.moved["mean_mad"]), initial=0.0))
        voice.unit = figures.unit_of(self.currency_code, largest)
        return {
            "unpaid": figures.unpaid(found.curve, name, found.weight, found.median_days, voice),
            "hazard": figures.hazard(found.curve, name, voice),
            "triangle": figures.triangle(found.triangle, name, voice),
            "ultimate": figures.ultimate(found.rates, name, found.checked.held, voice),
            "moved": figures.moved(found.moved, name, voice),
        }

    def controls(self) -> Any:
        """The lists to choose a segment and a weight from, and a button that shows the study."""
        from ipywidgets import Button, Dropdown, Output, VBox  # type: ignore[import-untyped]

        voice, wide = Voice(figures.REPORT, self.lang), {"description_width": "11em"}
        weights = [(voice.plain(f"weight_{code}"), code) for code in ("amount", "count")]
        lists = {"segment_code": self.choices, "weight": weights}
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

    def show(self, segment_code: str, weight: Weight = "amount") -> None:
        """Everything of a segment, one figure after another: for a widget."""
        from IPython.display import display

        for figure in self.figures(self.study(segment_code, weight)).values():
            display(figure)  # type: ignore[no-untyped-call]


def _shares(triangle: triangles.Triangle) -> pd.DataFrame:
    billed = pd.Series(triangle.billed, index=triangle.vintages.astype("datetime64[s]"))
    table = triangle.table()
    whole = table["vintage_date"].map(billed)
    shares = table["cumulative_mad"] / whole.where(whole > 0)
    return table[["vintage_date", "age"]].assign(cohort_rate=shares)
