"""Mirrors cash/judging/scenario_files.py: what a person may write, and how a mistake is told."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.cash.judging.scenario_files import Add, Move, Scale, load_scenario, load_scenarios
from workbench.errors import WrongUse

HEAD = 'label_fr = "Essai"\nlabel_en = "Trial"\nsource = "Un essai"\n'


def written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scenarios_of_the_house_say_that_they_are_illustrative_and_why() -> None:
    found = load_scenarios()
    assert {step.kind for scenario in found.values() for step in scenario.steps} == {
        *("delay", "move", "scale", "feast", "close", "rate")
    }
    for code, scenario in found.items():
        assert scenario.code == code
        assert scenario.status == "illustrative"
        assert scenario.source.startswith("Hypothèse de l’atelier")
        assert scenario.source_in("en").startswith("Assumption of the workbench")
        assert scenario.label_fr != scenario.label_en
    feasts = sorted(step.days for scenario in found.values() for step in scenario.steps if step.kind == "feast")
    assert feasts == [-1, 1]


def test_a_scenario_of_ones_own_holds_exact_values(tmp_path: Path) -> None:
    text = f"""{HEAD}
[[steps]]
kind = "move"
counterparty = "CLIENT 0042"
to = 2026-11-30

[[steps]]
kind = "scale"
lines = ["energy"]
factor = "1.1"
from = 2026-06-01

[[steps]]
kind = "add"
account_number = "00123"
line_code = "works"
date = 2026-07-01
amount = "-1500000.05"
note = "Avance sur marché"
"""
    scenario = load_scenario(written(tmp_path, text))
    move, scale, add = scenario.steps
    assert (scenario.code, scenario.status) == ("mine", "own")
    assert isinstance(move, Move)
    assert (move.counterparty, move.to) == ("CLIENT 0042", date(2026, 11, 30))
    assert isinstance(scale, Scale)
    assert (scale.factor, scale.start, scale.end) == (Decimal("1.1"), date(2026, 6, 1), None)
    assert isinstance(add, Add)
    assert (add.account_number, add.amount) == ("00123", -150_000_005)


HOSTILE = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; DROP TABLE plan; --", "{0.__class__}", ".*"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_person_typed_stays_text(tmp_path: Path, text: str) -> None:
    body = f'label_fr = """{text}"""\nlabel_en = "x"\nsource = """{text}"""\n[[steps]]\nkind = "move"\ncounterparty = """{text}"""\ndays = 1\n'
    scenario = load_scenario(written(tmp_path, body))
    (step,) = scenario.steps
    assert isinstance(step, Move)
    assert [scenario.label_fr, scenario.source, step.counterparty] == [text] * 3


DELAY = f'{HEAD}[[steps]]\nkind = "delay"\nlines = ["receipts_public"]\n'
FAULTS = [
    ("label = 1\n" + DELAY + "days = 60\n", "label: there is no such key"),
    (DELAY + "dayz = 60\n", "steps.1.dayz: there is no such key"),
    (DELAY, "steps.1.days: the key is missing"),
    (DELAY + "days = 0\n", "steps.1.days: less than 1"),
    (DELAY + "days = 5\nshare = 0.5\n", "steps.1.share: a share, factor or number of points is written as text"),
    (DELAY + 'days = 5\nshare = "half"\n', "steps.1.share: « half » is no number"),
    (DELAY + 'days = 5\nshare = "NaN"\n', "steps.1.share: at most four decimals"),
    (DELAY + 'days = 5\nshare = "0.12345"\n', "steps.1.share: at most four decimals"),
    (DELAY + 'days = 5\nshare = "1.5"\n', "steps.1.share: more than 1"),
    (DELAY + "days = 5\nfrom = 20260601\n", "steps.1.from: write a date as 2026-11-30, without quotes"),
    (DELAY + 'days = 5\nfrom = "2026-06-01"\n', "steps.1.from: write a date as 2026-11-30, without quotes"),
    (DELAY + "days = 5\nfrom = 2026-06-02\nto = 2026-06-01\n", "`to` is before `from`"),
    (DELAY + "days = 5\nmonths = [13]\n", "steps.1.months.1: more than 12"),
    (DELAY + "days = true\n", "steps.1.days: a whole number is expected"),
    (DELAY + 'days = "5"\n', "steps.1.days: a whole number is expected"),
    (DELAY.replace('["receipts_public"]', "[]") + "days = 5\n", "steps.1.lines: the list is empty"),
    (HEAD + "[[steps]]\ndays = 5\n", "steps.1: the step does not say its kind"),
    (HEAD + "steps = [5]\n", "steps.1: "),
    (HEAD, "steps: the key is missing"),
    (HEAD + "steps = []\n", "steps: the list is empty"),
    (HEAD + '[[steps]]\nkind = "explode"\n', "steps.1: there is no kind of step « explode »"),
    (HEAD + '[[steps]]\nkind = "move"\n', "give `to` or `days`, one of them"),
    (HEAD + '[[steps]]\nkind = "move"\ndays = 1\nflow_id = "a"\ncounterparty = "b"\n', "not both"),
    (HEAD + '[[steps]]\nkind = "close"\nafter_days = 1\n', "give `from` and `to`, or `after_days` and `days`"),
    (HEAD + '[[steps]]\nkind = "close"\nafter_days = 1\ndays = 1\nfrom = 2026-01-01\n', "give `from` and `to`, or"),
    (HEAD + '[[steps]]\nkind = "feast"\ndays = 0\n', "days is 0: nothing would move"),
    (DELAY + 'days = 5\n[[steps]]\nkind = "feast"\ndays = 1\n', "it comes first, once"),
    (
        HEAD
        + '[[steps]]\nkind = "add"\naccount_number = "A"\nline_code = "works"\ndate = 2026-01-01\namount = "1.005"\nnote = "x"\n',
        "steps.1.amount: « 1.005 » is finer than a hundredth",
    ),
    ("code = 'other'\n" + DELAY + "days = 5\n", "code: the code of a scenario is the name of its file"),
    ("label_fr = ", "the scenario is no TOML"),
]


@pytest.mark.parametrize(("text", "told"), FAULTS)
def test_a_mistake_is_told_by_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(WrongUse) as raised:
        load_scenario(written(tmp_path, text))
    assert told in str(raised.value)
    assert "Tuple" not in str(raised.value)
    assert raised.value.said("fr") != str(raised.value)
    assert raised.value.where.startswith("mine.toml")


def test_names_of_lines_and_of_files_are_checked(tmp_path: Path) -> None:
    with pytest.raises(
        WrongUse, match=r"mine\.toml: steps\.1: no line of the plan is called 'energie' — lines of the plan: bank_"
    ):
        load_scenario(written(tmp_path, DELAY.replace("receipts_public", "energie") + "days = 5\n"))
    with pytest.raises(WrongUse, match="`plan` is the plan itself"):
        load_scenario(written(tmp_path, DELAY + "days = 5\n", "plan.toml"))
    with pytest.raises(WrongUse, match="code: the name of the file has other signs"):
        load_scenario(written(tmp_path, DELAY + "days = 5\n", "Mon scénario.toml"))
    with pytest.raises(WrongUse, match="no such file or folder"):
        load_scenario(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes("label_fr = 'é'".encode("latin-1"))
    with pytest.raises(WrongUse, match="the scenario is no TOML"):
        load_scenario(tmp_path / "latin.toml")


def test_ones_own_scenarios_stand_behind_those_of_the_house_and_take_no_code_of_theirs(tmp_path: Path) -> None:
    step = '[[steps]]\nkind = "scale"\nlines = ["energy"]\nfactor = "1.1"\n'
    written(tmp_path, HEAD + step)
    found = load_scenarios(own=tmp_path)
    assert list(found)[-1] == "mine"
    assert list(found)[:-1] == list(load_scenarios()) == list(load_scenarios(own=tmp_path / "none"))
    taken = written(tmp_path, HEAD + step, "drought.toml")
    with pytest.raises(WrongUse, match="'drought' is taken") as refused:
        load_scenarios(own=tmp_path)
    assert str(refused.value).startswith("drought.toml: ")
    assert str(taken.parent) not in str(refused.value)  # a page shows it: no folder of the machine
    taken.unlink()
    written(tmp_path, HEAD, "broken.toml")
    with pytest.raises(WrongUse, match="steps"):
        load_scenarios(own=tmp_path)
    faults: dict[str, WrongUse] = {}
    assert list(load_scenarios(own=tmp_path, faults=faults)) == list(found)
    assert [path.rpartition("/")[2] for path in faults] == ["broken.toml"]


def test_a_mark_before_the_text_is_read_over_and_the_label_of_the_plan_is_the_plans(tmp_path: Path) -> None:
    step = '[[steps]]\nkind = "scale"\nlines = ["energy"]\nfactor = "1.1"\n'
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + step).encode())
    assert load_scenario(path).code == "marked"
    head = HEAD.replace(HEAD.split('label_fr = "')[1].split('"')[0], " Plan ")
    with pytest.raises(WrongUse, match="another label"):
        load_scenario(written(tmp_path, head + step))


def test_a_source_that_no_one_translated_is_said_as_it_is(tmp_path: Path) -> None:
    body = HEAD + '[[steps]]\nkind = "scale"\nlines = ["works"]\nfactor = "0.5"\n'
    (tmp_path / "own.toml").write_text(body, encoding="utf-8")
    own = load_scenario(tmp_path / "own.toml")
    assert own.source_in("en") == own.source_in("fr") == "Un essai"
