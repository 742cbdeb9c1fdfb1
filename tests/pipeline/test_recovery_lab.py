"""Mirrors pipeline/recovery_lab.py and reporting/recovery_lab.py: a segment under the glass, nothing later than its date used."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipeline.changed_office import ChangedOffice, read, typed
from workbench import store
from workbench.errors import WrongUse
from workbench.pipeline.recovery_lab import LAST_AGES, RecoveryLab, SegmentStudy

AS_OF = date(2022, 11, 30)


@pytest.fixture(scope="module")
def lab(small_office: store.Office) -> RecoveryLab:
    return RecoveryLab(small_office, AS_OF)


@pytest.fixture(scope="module")
def found(lab: RecoveryLab) -> SegmentStudy:
    return lab.study("household")


def test_the_curve_falls_and_agrees_with_the_bills_that_lived_every_age(
    found: SegmentStudy, small_office: store.Office
) -> None:
    unpaid = found.curve["unpaid_share"]
    assert (np.diff(unpaid) <= 1e-12).all()
    assert found.curve["hazard_share"].between(0, 1).all()
    day = f"DATE '{AS_OF}' - 60"
    sql = f"""SELECT sum(least(paid, amount_ttc_centimes)) / sum(amount_ttc_centimes)
        FROM (SELECT i.invoice_id, i.amount_ttc_centimes, coalesce(sum(a.amount_centimes) FILTER (a.allocation_date <= i.issue_date + 60), 0) AS paid
              FROM invoices i LEFT JOIN allocations a USING (invoice_id)
              WHERE i.segment_code = 'household' AND i.amount_ttc_centimes > 0 AND i.issue_date <= {day} AND i.cancelled_date IS NULL GROUP BY ALL)"""
    paid = store.query(small_office.folder, sql).column(0)[0].as_py()
    at_60 = found.curve.set_index("age_days")["unpaid_share"][60]
    assert at_60 == pytest.approx(1 - float(paid), abs=0.05)  # credits, and payments that bounced, apart


def test_nothing_after_the_date_is_used(small_office: store.Office, found: SegmentStudy) -> None:
    later: Any = small_office
    for name, column in (("allocations", "allocation_date"), ("invoices", "issue_date")):
        table = read(small_office, name)
        later = ChangedOffice(later, {name: typed(table[table[column] <= AS_OF], name)})
    again = RecoveryLab(later, AS_OF).study("household")
    pd.testing.assert_frame_equal(again.curve, found.curve)
    pd.testing.assert_frame_equal(again.triangle, found.triangle)


def test_a_triangle_is_of_months_that_are_over_and_ends_with_its_last_age(found: SegmentStudy) -> None:
    assert found.triangle["age"].between(0, LAST_AGES - 1).all()
    months = found.triangle["vintage_date"].dt.year * 12 + found.triangle["vintage_date"].dt.month
    assert (months + found.triangle["age"]).max() == AS_OF.year * 12 + AS_OF.month  # November, which is over
    assert found.triangle["cohort_rate"].between(0, 1.2).all()
    assert len(found.rates) == found.triangle["vintage_date"].nunique()


def test_paying_later_brings_less_by_a_day_and_no_shift_changes_nothing(found: SegmentStudy) -> None:
    for _, rows in found.moved.groupby("horizon_days"):
        assert rows["mean_mad"].is_monotonic_decreasing
        assert rows.loc[rows["shift_days"] == 0, "change_mad"].tolist() == [0.0]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_figures_say_what_they_show_in_words(small_office: store.Office, lang: str) -> None:
    lab = RecoveryLab(small_office, AS_OF, lang)
    figures = lab.figures(lab.study(lab.choices[0][1], "count"))
    assert list(figures) == ["unpaid", "hazard", "triangle", "ultimate", "moved"]
    for figure in figures.values():
        assert "_" not in figure.layout.title.text
    tried = {"fr": "Aucune génération n’est assez vieille", "en": "No vintage is old enough"}  # eleven months of bills
    assert tried[lang] in figures["ultimate"].layout.title.subtitle.text
    box = lab.controls()
    assert len(box.children) == 4
    assert lab.choices[0][1] == box.children[0].options[0][1]


def test_an_unknown_segment_is_refused_in_the_language_and_a_date_nobody_told_of_is_brought_back(
    lab: RecoveryLab, small_office: store.Office
) -> None:
    with pytest.raises(WrongUse, match=r"martiens.*household"):
        lab.study("martiens")
    with pytest.raises(WrongUse, match="no segment with bills is called 'martiens'"):
        RecoveryLab(small_office, AS_OF, "en").study("martiens")
    assert not any("ne connaît rien après" in each for each in lab.told)
    later = RecoveryLab(small_office, date(2030, 1, 1), "en")
    assert later.as_of < date(2030, 1, 1)
    assert "01/01/2030" in later.told[0]
