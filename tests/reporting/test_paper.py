"""The page of a plan on paper, in a real browser: its answer and its fan stand on the first sheet of A4, whatever is asked; nothing is cut."""

import os
import shutil
import threading
from typing import Any

import pytest

from tests.cash import plans
from tests.reporting.drawing import as_notebook, page_kept
from workbench.cash import (
    known_marks,
    outlook,
    plan_card_rows,
    plan_curve,
    plan_findings,
    plan_lede,
    plan_tables,
    plan_tone,
)
from workbench.reporting import Card, Decision
from workbench.reporting.export import export

CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
PIXELS = 96 / 25.4  # in a millimetre
SHEET = {
    "width": round((210 - 2 * 12) * PIXELS),
    "height": round((297 - 11 - 13) * PIXELS),
}  # A4 less the margins of style.css
MEASURED = """() => {
  const box = one => document.querySelector(one).getBoundingClientRect();
  const right = Math.max(...[...document.querySelectorAll('.fig.side td')].map(cell => cell.getBoundingClientRect().right));
  return {fan: box('.fig.most').bottom, verdict: box('.verdict').bottom, right};
}"""


def _page(asked: int, divisor: int) -> str:
    """The page of the made-up plan down to its fan, with as many decisions; amounts in dirhams are longer than those in millions."""
    found = outlook(plans.made_up(), plans.beside())
    said = plan_findings(found) | {"unit": "MDH"}
    shown, tone, rows = plan_tables(found), plan_tone(said), plan_card_rows(said)
    cards = ("position", "low", "passed", "buffer", "total", "trust")
    with page_kept("treasury/cash_plan") as (page, kept):
        page.money("MAD", divisor)
        page.names("flow_name", dict.fromkeys(known_marks(found)["flow_name"], "Paie et charges sociales"))
        page.scope(**said)
        page.verdict(f"verdict_{tone['verdict']}", "ok", **said)
        page.lede(plan_lede(said), **said)
        page.cards(
            [
                Card(f"card_{name}", said["low"], "mdh", rows[name], "ok", said["floor"], plan_curve(found), said)
                for name in cards
            ]
        )
        page.decisions([Decision("decide_place", said["low"], said["low_date"], said)] * asked)
        page.section("path")
        said_of_fan = said | {"measured": tone["measured"], "width": "most", "tone": tone["fan"]}
        page.fan("fan", shown["history"], shown["fan"], known_marks(found), said["floor"], **said_of_fan)
        page.table(
            "named_marks", shown["named_marks"], {"amount_centimes": "mdh+", "day_date": "day"}, width="side", **said
        )
    return export(as_notebook(kept), "treasury/cash_plan", "fr", {})


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it (Debian: apt-get install chromium)")
@pytest.mark.parametrize(("asked", "largest"), [(3, plans.M), (5, 100), (8, plans.M), (8, 100)])
def test_the_first_sheet_holds_the_answer_and_the_fan(asked: int, largest: int) -> None:
    html, seen = _page(asked, largest), {}

    def print_it() -> None:  # in a thread of its own: another test may have left an event loop in this one
        from playwright.sync_api import sync_playwright

        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            tab = browser.new_page(viewport={"width": SHEET["width"], "height": SHEET["height"]})
            tab.emulate_media(media="print")
            tab.set_content(html)
            seen.update(tab.evaluate(MEASURED))
            browser.close()

    worker = threading.Thread(target=print_it)
    worker.start()
    worker.join()
    told: dict[str, Any] = seen
    assert 0 < told["verdict"] < told["fan"] <= SHEET["height"]
    assert told["right"] <= SHEET["width"] + 1  # no amount is cut by the edge of the sheet
