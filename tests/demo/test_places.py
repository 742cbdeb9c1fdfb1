"""Mirrors demo/places.py: months, days and codes of the made-up office."""

from datetime import date

import numpy as np

from workbench.demo import places


def test_months_and_weekdays_are_those_of_the_calendar() -> None:
    assert places.civil(places.month_start(26)) == date(2024, 3, 1)
    days = np.array(["2022-01-01", "2024-02-29", "2024-03-01"], "datetime64[D]")
    assert places.month_of(days).tolist() == [0, 25, 26]
    assert places.weekday(days).tolist() == [day.weekday() for day in map(places.civil, days)]
    assert places.month_text(25) == "202402"


def test_every_centre_stands_under_the_agency_and_directorate_of_its_code() -> None:
    codes = [places.center_code(n) for n in range(places.CENTERS)]
    assert len(set(codes)) == 120
    for number, code in enumerate(codes):
        agency = places.agency_code(number // 4)
        assert code[1:].startswith(agency[2:])
        assert places.directorate_code(number // 12)[2:] == agency[2:4]
    levels = [row[1] for row in places.unit_rows()]
    assert {level: levels.count(level) >= n for level, n in (("directorate", 10), ("agency", 30), ("center", 120))} == {
        "directorate": True, "agency": True, "center": True,
    }  # fmt: skip
