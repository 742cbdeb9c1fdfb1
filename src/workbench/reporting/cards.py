"""Cards and decisions: what a page shows before anything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from workbench.reporting import cells, tables, words
from workbench.reporting.voice import Voice
from workbench.reporting.words import NARROW
from workbench.schemas.facts import Fact, Status

KIND_OF_UNIT = {"centimes": "mdh", "share": "pct", "count": "count", "days": "count", "date": "day", "text": "text"}
LONG_FIGURE = 7  # characters of a figure beyond which it is written smaller, so that it stays in its card
SIGNED = {"mdh": "mdh+", "pct": "pts", "count": "count+"}


@dataclass(frozen=True)
class Card:
    """One figure that matters.

    `key` names the sentence of its label; `value` is written as `kind` (`reporting.words`). `rows` are (key of the label, value, kind),
    at most three are read. `curve` draws the way to the value, else `target` draws it against its threshold.
    """

    key: str
    value: Any
    kind: str
    rows: Sequence[tuple[str, Any, str]] = ()
    status: Status | None = None
    target: Any = None
    curve: Sequence[Any] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What is asked: sentences `<key>` (what), `<key>_who`, `<key>_otherwise`, filled by `values`; hundredths; the last day."""

    key: str
    amount_centimes: int | None = None
    before: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def card_of(fact: Fact, rows: Sequence[tuple[str, Any, str]] | None = None, curve: Sequence[Any] = ()) -> Card:
    """The card of a fact: its label is the sentence `card_<indicator>`; without `rows`, its change and its threshold."""
    kind = KIND_OF_UNIT[fact.unit]
    if rows is None:
        numeric = fact.unit in ("centimes", "share", "count", "days")
        change = fact.value - fact.previous if numeric and None not in (fact.value, fact.previous) else None
        rows = [("row_change", change, SIGNED[kind])] if change is not None and kind in SIGNED else []
        rows += [("row_target", fact.target, kind)] if fact.target is not None else []
    return Card(
        f"card_{fact.indicator}",
        fact.value,
        kind,
        rows,
        fact.status,
        fact.target,
        curve,
        fact.details,
    )


def card(one: Card, voice: Voice) -> Markup:
    """A card: label, value and unit, drawing, rows, status in a word."""
    text = voice.written(one.value, one.kind)
    unit: str | Markup = ""
    if one.kind.startswith("mdh") and one.value is not None:
        unit = voice.unit.name(voice.lang)
    elif one.kind.startswith("pct") and text.endswith("%"):
        text, unit = text.removesuffix("%").rstrip(NARROW), "%"
    elif one.value is not None and words.has(voice.report, f"{one.key}_unit"):
        unit = voice.say(f"{one.key}_unit", **one.values)
    rows = Markup().join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(voice.say(key, **one.values), voice.written(value, kind))
        for key, value, kind in one.rows
    )
    told = tables.status(one.status, voice.plain(f"status_{one.status}")) if one.status else Markup()
    shape = '<li class="card"><p class="k">{}</p><p class="v{}">{}<small>{}</small></p>{}<dl class="d">{}</dl><p class="s">{}</p></li>'
    size = " long" if len(text) > LONG_FIGURE else ""
    return Markup(shape).format(voice.say(one.key, **one.values), size, text, unit, _picture(one, voice), rows, told)


def _picture(one: Card, voice: Voice) -> Markup:
    curve = [value for value in one.curve if value is not None]
    if len(curve) > 1:
        ends = {"first": curve[0], "last": curve[-1], "low": min(curve), "high": max(curve)}
        alt = voice.plain("spark_alt", **{name: voice.written(value, one.kind) for name, value in ends.items()})
        target = one.target if isinstance(one.target, (int, float)) else None
        return cells.spark([float(value) for value in curve], target, alt)
    if all(isinstance(number, (int, float)) for number in (one.value, one.target)):
        shown = {"value": voice.written(one.value, one.kind), "target": voice.written(one.target, one.kind)}
        return cells.bullet(float(one.value), float(one.target), voice.plain("bullet_alt", **shown))
    return Markup('<div class="spark"></div>')


def decision_row(number: int, one: Decision, voice: Voice) -> Markup:
    """A row of the decisions; its heads are repeated in it for a phone, where the table folds."""
    amount = "–" if one.amount_centimes is None else voice.written(one.amount_centimes, "mdh")
    before = "–" if one.before is None else voice.written(one.before, "day")
    mark = f"{NARROW}:" if voice.lang == "fr" else ":"
    shape = (
        '<tr><th scope="row">{}</th><td>{}</td><td class="r" data-l="{}">{}</td><td data-l="{}">{}</td>'
        '<td class="nb" data-l="{}"><b>{}</b></td><td data-l="{}">{}</td></tr>'
    )
    told = [voice.plain(key) for key in ("decision_who", "decision_before", "decision_otherwise")]
    heads = [text + mark for text in (voice.unit.name(voice.lang), *told)]
    who, otherwise = (voice.say(f"{one.key}_{part}", **one.values) for part in ("who", "otherwise"))
    return Markup(shape).format(
        number, voice.say(one.key, **one.values), heads[0], amount, heads[1], who, heads[2], before, heads[3], otherwise
    )


def decisions(rows: Sequence[Decision], voice: Voice) -> Markup:
    """What needs a decision, most pressing first; a sentence where nothing does."""
    if not rows:
        return Markup('<section class="ask" id="decisions"><h2>{}</h2></section>').format(voice.say("no_decision"))
    before, after = ("decision_number", "decision_what"), ("decision_who", "decision_before", "decision_otherwise")
    made = [tables.head(voice.say(key)) for key in before]
    made += [tables.head(voice.unit.name(voice.lang), "mdh"), *(tables.head(voice.say(key)) for key in after)]
    heads = Markup().join(made)
    body = Markup().join(decision_row(number, one, voice) for number, one in enumerate(rows, 1))
    shape = (
        '<section class="ask" id="decisions"><h2>{}</h2><table><caption class="sr">{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></section>"
    )
    return Markup(shape).format(voice.say("decisions_title", n=len(rows)), voice.say("decisions_caption"), heads, body)
