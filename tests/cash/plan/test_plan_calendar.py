from datetime import date

from tests.builders import rows, table
from workbench.cash.plan.plan_calendar import calendar_days
from workbench.standards import load_bank_days

CALENDAR = """
line_code currency_code due_date   issued_date
payroll   MAD           2024-07-25 2024-06-30
payroll   MAD           2024-08-25 2024-07-31
payroll   MAD           2024-09-25 2024-08-31
payroll   MAD           2024-10-25 2024-09-30
payroll   MAD           2024-11-25 2024-10-31
taxes     MAD           2024-03-31 2024-01-01
taxes     MAD           2024-09-30 2024-01-01
"""


def test_a_day_named_every_month_is_named_in_the_months_to_come() -> None:
    found = calendar_days(table(CALENDAR), date(2024, 9, 30), date(2024, 12, 31), load_bank_days())
    assert rows(found) == [  # November is issued in October: not known yet, and expected on the bank day of its 25th
        ("payroll", "MAD", date(2024, 11, 25)),
        ("payroll", "MAD", date(2024, 12, 25)),
    ]


def test_what_came_twice_in_a_year_is_no_calendar_of_months() -> None:
    text = "\n".join(line for line in CALENDAR.splitlines() if "payroll" not in line)
    assert calendar_days(table(text), date(2024, 9, 30), date(2024, 12, 31), load_bank_days()).empty


def test_nothing_is_named_before_its_issue() -> None:
    assert calendar_days(table(CALENDAR), date(2024, 8, 15), date(2024, 12, 31), load_bank_days()).empty
