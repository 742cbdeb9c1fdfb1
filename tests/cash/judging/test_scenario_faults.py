"""Mirrors cash/judging/scenario_faults.py: of all that pydantic found, the one thing to mend first, in words of the house."""

from typing import Any

import pytest
from pydantic import ValidationError

from workbench.cash.judging.scenario_faults import told_fault
from workbench.cash.judging.scenario_files import Scenario
from workbench.errors import WrongUse

GOOD: dict[str, Any] = {"code": "mine", "label_fr": "Essai", "label_en": "Trial", "source": "Un essai"}
DELAY: dict[str, Any] = {"kind": "delay", "lines": ["energy"], "days": 5}
KINDS = "delay, move, scale, feast, close, rate, add"
SEE = "see docs/methods/scenarios.md for the keys of a step"


def told(**content: Any) -> WrongUse:
    with pytest.raises(ValidationError) as raised:
        Scenario(**(GOOD | {"steps": [DELAY]} | content))
    return told_fault("mine.toml", raised.value.errors())


@pytest.mark.parametrize(
    ("content", "where", "what", "remedy"),
    [
        ({"steps": [DELAY | {"days": "5"}]}, "steps.1.days", "a whole number is expected, without quotes", SEE),
        ({"steps": [DELAY | {"days": 0}]}, "steps.1.days", "less than 1", SEE),
        ({"steps": [DELAY | {"days": 367}]}, "steps.1.days", "more than 366", SEE),
        ({"steps": [DELAY | {"share": "0"}]}, "steps.1.share", "not above 0", SEE),
        ({"steps": [DELAY, DELAY | {"lines": "energy"}]}, "steps.2.lines", "a list between [ ] is expected", SEE),
        ({"steps": [DELAY | {"lines": []}]}, "steps.1.lines", "the list is empty", SEE),
        ({"steps": [DELAY | {"lines": [7]}]}, "steps.1.lines.1", "a text between quotes is expected", SEE),
        ({"steps": [DELAY | {"lines": [""]}]}, "steps.1.lines.1", "the text is empty", SEE),
        ({"label_fr": "x" * 201}, "label_fr", "the text is longer than 200 characters", SEE),
        ({"steps": [7]}, "steps.1", "a step is a table that begins with [[steps]]", SEE),
        ({"steps": [{"days": 5}]}, "steps.1", "the step does not say its kind", SEE),
        ({"steps": [{"kind": "explode"}]}, "steps.1", "there is no kind of step « explode »", f"one of: {KINDS}"),
        ({"status": "true"}, "status", "none of the words that may stand here", "one of: illustrative, own"),
        ({"code": "Mon Plan"}, "code", "the name of the file has other signs than a-z, 0-9, - and _", "give the file another name"),
        ({"steps": [{"kind": "scale", "lines": ["energy"], "factor": "1", "known": 1}]}, "steps.1.known",
         "true or false is expected, without quotes", SEE),
        ({"steps": [{"kind": "move"}]}, "steps.1", "give `to` or `days`, one of them", SEE),
        ({"code": "plan"}, "scenario", "`plan` is the plan itself: give the file another name", SEE),
    ],
)  # fmt: skip
def test_each_fault_says_its_place_what_is_wrong_and_what_to_write(
    content: dict[str, Any], where: str, what: str, remedy: str
) -> None:
    fault = told(**content)
    assert (fault.where, fault.what, fault.remedy) == (f"mine.toml: {where}", what, remedy)


def test_a_key_that_is_unknown_comes_before_the_one_that_is_then_missing() -> None:
    misspelt = {"kind": "delay", "lines": ["energy"], "dayz": 5}
    with pytest.raises(ValidationError) as raised:
        Scenario(**GOOD, steps=[misspelt])
    faults = raised.value.errors()
    assert {fault["type"] for fault in faults} >= {"missing", "extra_forbidden"}
    for order in (faults, faults[::-1]):
        fault = told_fault("mine.toml", order)
        assert (fault.where, fault.what) == ("mine.toml: steps.1.dayz", "there is no such key")


def test_a_list_that_is_short_only_because_its_entries_do_not_hold_is_not_what_is_told() -> None:
    fault = told(steps=[DELAY | {"lines": [7]}, DELAY | {"days": 0}])
    assert fault.where == "mine.toml: steps.1.lines.1"


def test_a_fault_without_words_of_its_own_is_still_told_by_its_place() -> None:
    fault = told_fault("mine.toml", [{"type": "never_heard_of", "loc": ("steps", 0, "delay", "days"), "ctx": {}}])
    assert (fault.where, fault.what) == ("mine.toml: steps.1.days", "the value does not hold here")
    plain = told_fault("mine.toml", [{"type": "value_error", "loc": (), "ctx": {"error": ValueError("Tuple[...]")}}])
    assert (plain.where, plain.what) == ("mine.toml: scenario", "the value does not hold here")


def test_a_fault_is_told_in_french_too() -> None:
    for content in ({"steps": [DELAY | {"days": 0}]}, {"steps": [{"kind": "explode"}]}, {"code": "plan"}):
        fault = told(**content)
        assert fault.said("fr") != fault.said("en")
