"""Scenarios as files: one TOML each, in `data/reference/scenarios` or written by a person; every key is known, or refused by file and key.

A scenario is data: labels, a source, and steps that are applied in order. What a person typed stays text, whatever it holds: names are
compared, never interpreted.
"""

import tomllib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from workbench.cash.judging.scenario_faults import told_fault
from workbench.cash.lines.flow_rules import UNCLASSIFIED, load_lines
from workbench.errors import AmountError, WrongUse
from workbench.money import read_centimes
from workbench.standards import reference_folder

PLAN = "plan"  # the scenario code of the plan itself
_STRICT = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _day(value: Any) -> date:
    # A number would be taken as seconds since 1970, and a time of day has no meaning here.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(WrongUse("write a date as 2026-11-30, without quotes"))
    return value


def _centimes(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError(WrongUse('an amount is written as text, so that it stays exact: "-1500000.00"'))
    try:
        return read_centimes(value, ".")
    except AmountError as error:
        raise ValueError(error) from None


def _exact(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError(
            WrongUse('a share, factor or number of points is written as text, so that it stays exact: "0.90"')
        )
    try:
        number = Decimal(value)
    except ArithmeticError:
        raise ValueError(WrongUse(f"« {value} » is no number")) from None
    exponent = number.as_tuple().exponent
    if not number.is_finite() or not isinstance(exponent, int) or exponent < -4:
        raise ValueError(WrongUse("at most four decimals"))
    return number


Day = Annotated[date, BeforeValidator(_day)]
Centimes = Annotated[int, BeforeValidator(_centimes)]
Exact = Annotated[Decimal, BeforeValidator(_exact)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]
Whole = Annotated[int, Field(strict=True)]  # `true` is no number of days


class Span(BaseModel):
    """Days that a step is of: from a date, to a date, in some months of the year (1–12); without any, all."""

    model_config = _STRICT
    start: Annotated[Day | None, Field(alias="from")] = None
    end: Annotated[Day | None, Field(alias="to")] = None
    months: tuple[Annotated[Whole, Field(ge=1, le=12)], ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.start and self.end and self.end < self.start:
            raise ValueError(WrongUse("`to` is before `from`"))
        return self


class Delay(Span):
    """What lines bring on days of the span comes `days` calendar days later, or a share of it."""

    kind: Literal["delay"]
    lines: Names
    days: Annotated[Whole, Field(ge=1, le=366)]
    share: Annotated[Exact, Field(gt=0, le=1)] = Decimal(1)


class Move(BaseModel):
    """Known flows of a counterparty, or one flow, on another date; without a name, the largest receipt that is known."""

    model_config = _STRICT
    kind: Literal["move"]
    counterparty: Text | None = None
    flow_id: Text | None = None
    to: Day | None = None
    days: Annotated[Whole, Field(ge=-366, le=366)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Move":
        if (self.to is None) == (self.days is None):
            raise ValueError(WrongUse("give `to` or `days`, one of them"))
        if self.counterparty and self.flow_id:
            raise ValueError(WrongUse("give `counterparty` or `flow_id`, not both"))
        return self


class Scale(Span):
    """What is estimated of lines on days of the span, times a factor; what is known too, where `known` is true."""

    kind: Literal["scale"]
    lines: Names
    factor: Annotated[Exact, Field(ge=0, le=10)]
    known: Annotated[bool, Field(strict=True)] = False


class Feast(BaseModel):
    """Movable feasts that are only estimated, some days later (earlier where negative): the plan is made again with them."""

    model_config = _STRICT
    kind: Literal["feast"]
    days: Annotated[Whole, Field(ge=-3, le=3)]

    @model_validator(mode="after")
    def _moves(self) -> "Feast":
        if self.days == 0:
            raise ValueError(WrongUse("days is 0: nothing would move"))
        return self


class Close(BaseModel):
    """A bank is closed from a date to a date, or for `days` bank days after the first `after_days`; without a code, the bank most used."""

    model_config = _STRICT
    kind: Literal["close"]
    bank_code: Text | None = None
    start: Annotated[Day | None, Field(alias="from")] = None
    end: Annotated[Day | None, Field(alias="to")] = None
    after_days: Annotated[Whole, Field(ge=0, le=366)] | None = None
    days: Annotated[Whole, Field(ge=1, le=60)] | None = None

    @model_validator(mode="after")
    def _one_span(self) -> "Close":
        dates, counts = (self.start, self.end), (self.after_days, self.days)
        whole, other = (dates, counts) if self.start or self.end else (counts, dates)
        if None in whole or other != (None, None):
            raise ValueError(WrongUse("give `from` and `to`, or `after_days` and `days`"))
        if self.start and self.end and self.end < self.start:
            raise ValueError(WrongUse("`to` is before `from`"))
        return self


class Rate(BaseModel):
    """Rates move by `points` of a percent from the date of the plan on."""

    model_config = _STRICT
    kind: Literal["rate"]
    points: Annotated[Exact, Field(ge=-20, le=20)]
    on: Annotated[tuple[Literal["loans", "credit_lines", "placements"], ...], Field(min_length=1)]


class Add(BaseModel):
    """An amount that a person adds on a date."""

    model_config = _STRICT
    kind: Literal["add"]
    account_number: Text
    line_code: Text
    date: Day
    amount: Centimes
    note: Text


Step = Annotated[Delay | Move | Scale | Feast | Close | Rate | Add, Field(discriminator="kind")]


class Scenario(BaseModel):
    """A scenario. `status` is `illustrative` where its figures are an assumption of the workbench; `code` is the name of its file; `source` is
    said on every page, unless `source_en` says it on English ones."""

    model_config = _STRICT
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    label_fr: Text
    label_en: Text
    status: Literal["illustrative", "own"] = "own"
    source: Text
    source_en: Text | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    def source_in(self, lang: str) -> str:
        """Where its figures come from, in a language."""
        return (self.source_en if lang == "en" else None) or self.source

    @model_validator(mode="after")
    def _holds(self) -> "Scenario":
        if self.code == PLAN:
            raise ValueError(WrongUse("`plan` is the plan itself: give the file another name"))
        if PLAN in (self.label_fr.strip().casefold(), self.label_en.strip().casefold()):
            raise ValueError(WrongUse("`plan` is the plan itself: give the scenario another label"))
        if any(step.kind == "feast" for step in self.steps[1:]):
            raise ValueError(WrongUse("a feast step makes the plan again: it comes first, once"))
        return self


def load_scenario(path: Path, lines: Path | None = None) -> Scenario:
    """The scenario of a file; `lines`: the table of lines that it may name, by default that of the reference folder.

    `WrongUse` names the file, the first key that is wrong, and what it should be.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors write a mark first
    except OSError as error:
        raise WrongUse("no such file or folder", str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"the scenario is no TOML: {error}", path.name) from error
    if "code" in content:
        raise WrongUse("the code of a scenario is the name of its file", f"{path.name}: code", "remove the key")
    try:
        scenario = Scenario(**(content | {"code": path.stem}))
    except ValidationError as error:
        raise told_fault(path.name, error.errors()) from error
    known = {line.line_code for line in load_lines(lines)} | {UNCLASSIFIED}
    for number, step in enumerate(scenario.steps, start=1):
        named = getattr(step, "lines", ()) or [getattr(step, "line_code", UNCLASSIFIED)]
        if unknown := [line for line in named if line not in known]:
            raise WrongUse(
                f"no line of the plan is called {unknown[0]!r}",
                f"{path.name}: steps.{number}",
                "lines of the plan: " + ", ".join(sorted(known)),
            )
    return scenario


def load_scenarios(
    folder: Path | None = None, own: Path | None = None, faults: dict[str, WrongUse] | None = None
) -> dict[str, Scenario]:
    """The scenarios of a folder by code, sorted, by default those of the reference folder; then those of one's own folder, where there is one.

    A file that does not hold, or one's own with the code of another (none stands for another in silence), is left out and put into `faults`
    by its path; without `faults` it raises `WrongUse`.
    """
    folder, found = folder or reference_folder() / "scenarios", {}
    owned = sorted(own.glob("*.toml")) if own is not None else []
    for path in [*sorted(folder.glob("*.toml")), *owned]:
        try:
            if path in owned:
                refuse_taken_code(path, folder)
            found[path.stem] = load_scenario(path)
        except WrongUse as fault:
            if faults is None:
                raise
            faults[str(path)] = fault
    return found


def refuse_taken_code(path: Path, *folders: Path) -> None:
    """Raise `WrongUse` where another file than `path` has its code in one of the folders."""
    for other in (folder / path.name for folder in folders):
        if other.is_file() and not (path.is_file() and other.samefile(path)):
            named = "/".join(other.parts[-2:])
            raise WrongUse(f"the code {path.stem!r} is taken by {named}", path.name, "give the file another name")
