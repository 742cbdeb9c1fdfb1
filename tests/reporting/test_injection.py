"""Hostile names through to the page, its hovers, its workbook and its CSV file, in a real browser: nothing runs, nothing leaves."""

import csv
import io
import os
import re
import shutil
import threading
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pytest

from tests.reporting.drawing import PAYLOADS, as_notebook, page_kept
from workbench.cash.plan.plan_layout import Column, treasurer_layout
from workbench.reporting import Card, Decision
from workbench.reporting.export import export
from workbench.reporting.words import sentences
from workbench.reporting.workbook import FORMULA_MARKS, Sheet, csv_bytes

CHROMIUM = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
WATCH = "window.pwned=0;window.left=[];addEventListener('beforeunload',()=>left.push('unload'));"


def _table() -> pd.DataFrame:
    size = len(PAYLOADS)
    return pd.DataFrame(
        {
            "account_label": PAYLOADS,
            "directorate_code": PAYLOADS,
            "state_code": PAYLOADS,
            "idle_centimes": pd.array(range(1, size + 1), dtype="Int64"),
        }
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that says every payload in every place where a name may stand."""
    folder = tmp_path_factory.mktemp("hostile")
    data = _table()
    said = {"idle": 1, "idle_accounts": 2, "as_of": "2024-12-31", "unit": "MDH", "currency": PAYLOADS[0]}
    with pytest.MonkeyPatch.context() as patch, page_kept() as (page, shown):
        patch.setenv("WORKBENCH_OUTPUT", str(folder))
        page.scope(accounts=1, banks=1, directorates=1, unit=PAYLOADS[3])
        page.verdict("verdict_unmeasured", "alert", currency=" ".join(PAYLOADS))
        page.cards([Card("card_over", 1, "count", values={"accounts": 1}), Card("card_value", PAYLOADS[2], "text")])
        page.decisions(
            [
                Decision("decide_obtain_statements", None, None, {"accounts": 1, "names": payload})
                for payload in PAYLOADS
            ]
        )
        page.table("idle_by", data, total=True, bars=["idle_centimes"], **said)
        page.heat_table(
            "matrix", data, "account_label", "directorate_code", "idle_centimes", "mad", tone="credit", **_matrix()
        )
        page.cascade("cascade_none", _steps(), **said)
        figure = go.Figure(go.Bar(x=PAYLOADS, y=list(range(len(PAYLOADS))), hovertext=PAYLOADS, name=PAYLOADS[13]))
        figure.update_layout(title=PAYLOADS[14], annotations=[{"text": PAYLOADS[14], "x": 0, "y": 1}])
        for key in ("probe", "probe_alt"):
            patch.setitem(sentences("treasury/cash_position"), key, {"fr": "Essai {name}"})
        page.plotly_figure("probe", figure, data, name=PAYLOADS[3])
        _plan_blocks(page, patch)
        page.close()
        html = export(as_notebook(shown), "treasury/cash_position", "fr", {"<b>": PAYLOADS[1]})
    (folder / "page.html").write_text(html, encoding="utf-8", errors="surrogatepass")
    return folder


def _plan_blocks(page: Any, patch: pytest.MonkeyPatch) -> None:
    """The blocks of a cash plan, every name in them hostile: counterparties, labels of lines and scenarios, names of models."""
    said = {"fr": "Essai {name}"}
    for key in ("probe_fan", "probe_fan_alt", "fan_measured", "probe_panels", "probe_panels_alt", "probe_plan"):
        patch.setitem(sentences("treasury/cash_position"), key, said)
    for column in ("line_code", "row_code", "flow_name", "scenario_code"):
        page.names(column, {f"c{number}": payload for number, payload in enumerate(PAYLOADS)})
    days = pd.date_range("2025-01-01", periods=len(PAYLOADS))
    ahead = pd.DataFrame({"day_date": days, "value_centimes": range(len(days))})
    for name in ("median_mad", "q025_mad", "q10_mad", "q90_mad", "q975_mad"):
        ahead[name] = ahead["value_centimes"] / 100
    history = pd.DataFrame({"day_date": pd.date_range("2024-12-30", periods=2), "value_centimes": [1, 2]})
    marks = pd.DataFrame(
        {"mark_number": range(len(days)), "day_date": days, "flow_name": PAYLOADS, "amount_centimes": 1}
    )
    page.fan("probe_fan", history, ahead, marks, 0, name=PAYLOADS[13])
    curves = [
        ahead[["day_date", "value_centimes"]].assign(scenario_code=code) for code in ("plan", "c0", "c3", PAYLOADS[5])
    ]
    page.scenarios("probe_panels", pd.concat(curves), "plan", 0, name=PAYLOADS[14])
    flows = {f"c{number}": number for number in range(len(PAYLOADS))} | {PAYLOADS[30]: 1}
    page.schedule(
        "probe_plan", treasurer_layout([Column("week", days[0], "plan", flows, 0)], _no_lines()), name=PAYLOADS[0]
    )
    models = pd.DataFrame({"line_code": PAYLOADS, "model_name": PAYLOADS, "left_out_code": PAYLOADS})
    page.table("probe_plan", models, {"model_name": "model"}, name=PAYLOADS[1])


def _no_lines() -> pd.DataFrame:
    return pd.DataFrame(columns=["line_code", "direction", "kind"])


def _matrix() -> dict[str, Any]:
    return {"position": 1, "known": 1, "top": 1, "top_share": 1.0, "unit": PAYLOADS[4], "as_of": "2024-12-31"}


def _steps() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": PAYLOADS,
            "certainty_code": PAYLOADS,
            "amount_centimes": [1] * len(PAYLOADS),
            "is_level": [False] * len(PAYLOADS),
        }
    )


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: install it (Debian: apt-get install chromium)")
def test_nothing_runs_nothing_leaves_nothing_is_hidden(published: Path) -> None:
    seen: dict[str, Any] = {}

    def browse() -> None:  # in a thread of its own: another test may have left an event loop in this one
        from playwright.sync_api import sync_playwright

        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            tab = browser.new_page()
            asked: list[str] = []
            dialogs: list[str] = []
            tab.on("request", lambda request: asked.append(request.url))
            tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            tab.add_init_script(WATCH)
            address = (published / "page.html").as_uri()
            tab.goto(address)
            tab.wait_for_selector("#plot-2 svg.main-svg", timeout=60_000)
            for target in (
                tab.query_selector_all(".bars path, .point path")[:50] + tab.query_selector_all("#plot-2 .point")[:50]
            ):
                target.hover(force=True, timeout=2_000)
            tab.wait_for_timeout(200)
            seen["asked"] = [url for url in asked if url != address and not url.startswith(("data:", "blob:"))]
            seen["dialogs"], seen["address"] = dialogs, tab.url == address
            seen["pwned"] = tab.evaluate("window.pwned")
            seen["left"] = tab.evaluate("window.left")
            seen["odd"] = tab.evaluate(
                "document.querySelectorAll('iframe,object,embed,form,base,video,picture,img,[onload],[onerror],[onfocus],"
                '[onmouseover],svg a,meta[http-equiv=refresh],link,a[href^="javascript"],a[href^="http"]\').length'
            )
            seen["shown"] = tab.evaluate("getComputedStyle(document.body).display")
            seen["text"] = tab.evaluate("document.body.innerText")
            browser.close()

    worker = threading.Thread(target=browse)
    worker.start()
    worker.join()
    assert seen["pwned"] == 0
    assert (seen["asked"], seen["dialogs"], seen["left"], seen["address"]) == ([], [], [], True)
    assert seen["odd"] == 0
    assert seen["shown"] == "block"
    assert "<script>window.pwned=1</script>" in seen["text"]  # shown as written
    assert "\u202e" not in seen["text"]
    assert "\u2067" not in seen["text"]


def test_the_page_itself_holds_no_foreign_element(published: Path) -> None:
    html = (published / "page.html").read_text(encoding="utf-8", errors="surrogatepass")
    assert "<img" not in html
    assert "<iframe" not in html
    assert re.findall(r"<script[^>]*>", html) == [
        '<script type="application/json" class="plotly-data" data-target="plot-1">',
        '<script type="application/json" class="plotly-data" data-target="plot-2">',
        '<script type="application/octet-stream" id="plotly-gz">',
        "<script>",
    ]
    assert html.count("<style>") == 1
    assert "\x00" not in html


def test_nothing_in_the_workbook_is_a_formula_or_a_link(published: Path) -> None:
    book = openpyxl.load_workbook(published / "cash_position.xlsx")
    kinds, texts = set(), set()
    for sheet in book:
        assert not sheet._hyperlinks
        for row in sheet.iter_rows():
            kinds |= {cell.data_type for cell in row if cell.value is not None}
            texts |= {cell.value for cell in row if isinstance(cell.value, str)}
    assert kinds <= {"s", "n", "d"}
    assert {"=cmd|' /C calc'!A0", "@SUM(1;2)", "https://evil.invalid/?q=1"} <= texts
    raw = b"".join(published.glob("cash_position.xlsx").__next__().read_bytes() for _ in range(1))
    assert b"<f>" not in raw


def test_nothing_in_a_csv_file_begins_like_a_formula() -> None:
    data = _table()
    kinds = {"account_label": "text", "directorate_code": "text", "state_code": "text", "idle_centimes": "mad"}
    text = csv_bytes(Sheet("k", "k", "t", data, {c: c for c in data}, kinds)).decode("utf-8-sig")
    body = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert len(body) == len(PAYLOADS)
    for line in body:
        for cell in line[:3]:
            assert not cell.lstrip(" \u00a0\u202f").startswith(FORMULA_MARKS)
