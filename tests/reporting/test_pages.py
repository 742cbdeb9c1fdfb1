"""Mirrors reporting/pages.py, words.py and export.py: what is written is escaped, exact, and the same in two runs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import nbformat
import pandas as pd
import pytest

from workbench.errors import RunError
from workbench.reporting import page as kit
from workbench.reporting.export import export
from workbench.reporting.words import say, sentences, written

HOSTILE = [
    "<script>alert(1)</script>",
    '<base href="http://x">',
    '"><img src=x onerror=alert(1)>',
    "=1+1",
    "<meta http-equiv=refresh>",
]


@dataclass
class Office:
    import_id: str = "imp-00001"
    is_synthetic: bool = True


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    module = __import__("workbench.reporting.pages", fromlist=["display"])
    monkeypatch.setattr(module, "display", lambda data, raw, metadata: texts.append(data["text/html"]))
    return texts


@pytest.mark.parametrize(
    ("value", "kind", "lang", "text"),
    [
        (123456789012, "mdh", "fr", "1\u202f234,6"),
        (-123456, "mad", "fr", "\u22121\u202f234,56"),
        (-5, "mad", "fr", "\u22120,05"),
        (123456, "mad", "en", "1,234.56"),
        (0.667, "pct", "fr", "66,7\u202f%"),
        (date(2024, 12, 31), "date", "fr", "31/12/2024"),
        (None, "mad", "fr", "n. d."),
        (5_000_000, "mdh", "en", "0.1"),
    ],
)
def test_numbers_are_written_as_the_language_has_it(value: Any, kind: str, lang: str, text: str) -> None:
    assert written(value, kind, lang).replace("\u00a0", "\u202f").replace(" %", "\u202f%") == text


@pytest.mark.parametrize("key", sorted(sentences("recovery/unpaid")))
def test_every_sentence_stands_in_two_languages(key: str) -> None:
    assert set(sentences("recovery/unpaid")[key]) == {"fr", "en"}


def test_a_missing_sentence_or_value_is_an_error() -> None:
    with pytest.raises(RunError, match="nowhere"):
        say("recovery/unpaid", "nowhere", "fr")
    with pytest.raises(RunError, match="owed"):
        say("recovery/unpaid", "verdict", "fr", due=1)


def test_hostile_names_are_shown_as_written(shown: list[str]) -> None:
    made = kit("recovery/unpaid", "2024-12-31", "fr", Office())
    made.table(
        "private_debtors",
        pd.DataFrame({"center_code": HOSTILE, "due_centimes": [100] * 5}),
        {"due_centimes": "mad"},
        total=True,
        unit="MDH",
        as_of="2024-12-31",
    )
    html = "".join(shown)
    assert "DONNÉES FICTIVES" in html
    assert "5,00" in html
    assert not [text for text in HOSTILE if "<" in text and text in html]
    assert "&lt;script&gt;" in html


def test_figures_that_do_not_tie_stop_the_page(shown: list[str]) -> None:
    made = kit("recovery/unpaid", "2024-12-31", "en", Office())
    made.check("same", 1, 1)
    with pytest.raises(RunError, match="ledger: 1 is not 2"):
        made.check("ledger", 1, 2)
    made.verdict("verdict", "ok", owed=100, due=50, old=0)
    made.cards([("card_owed", 100, "mdh")])
    made.close()
    assert "1 equality proven" in shown[-1]


def test_an_exported_page_is_whole_and_the_same_twice() -> None:
    outputs = [
        nbformat.v4.new_output("display_data", {"text/html": "<h1>x</h1>"}),
        nbformat.v4.new_output("stream", name="stdout", text="<b>"),
        nbformat.v4.new_output("execute_result", {"text/plain": "<i>"}, execution_count=1),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)])
    html = export(notebook, "recovery/unpaid", "fr", {"as_of": "<2024>"})
    assert html == export(notebook, "recovery/unpaid", "fr", {"as_of": "<2024>"})
    assert "default-src &#39;none&#39;" in html
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;" in html
    assert "&lt;2024&gt;" in html


@pytest.mark.parametrize(
    ("plan", "lang", "text"),
    [
        ("plan-0123456789abcdef", "fr", "<dt>Plan au journal</dt><dd>plan-0123456789abcdef</dd>"),
        (None, "fr", "<dt>Plan au journal</dt><dd>non inscrit</dd>"),
        (None, "en", "<dt>Plan in the log</dt><dd>not logged</dd>"),
    ],
)
def test_the_stamp_names_the_plan_of_the_log(shown: list[str], plan: str | None, lang: str, text: str) -> None:
    made = kit("treasury/cash_plan", as_of="2024-12-31", lang=lang, office=Office())
    made.close(plan=plan)
    assert text in shown[-1]
