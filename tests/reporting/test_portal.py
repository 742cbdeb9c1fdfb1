from pathlib import Path

import pytest

from workbench.reporting.checks import outside_addresses
from workbench.reporting.delivery import publish
from workbench.reporting.portal import build_index, published


def _publish(reports: Path, folder: str, **manifest: str) -> None:
    target = reports / folder
    target.parent.mkdir(parents=True, exist_ok=True)
    name = target.name
    publish(target, {f"{name}.html": b"<h1>x</h1>", f"{name}.xlsx": b"x"}, {"lang": "fr", **manifest}, {})


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_index_lists_reports_newest_first_with_verdict_and_files(tmp_path: Path, lang: str) -> None:
    _publish(tmp_path, "2024-11/recovery/unpaid", title="Impayés", verdict="Baisse", status="ok", as_of="2024-11-30")
    _publish(tmp_path, "2024-12/recovery/unpaid", title="Impayés", verdict="Hausse", status="alert", as_of="2024-12-31")
    _publish(tmp_path, "2024-12/treasury/.cash_position.new", title="unfinished", verdict="", status="")
    page = build_index(tmp_path, lang).read_text(encoding="utf-8")
    assert page.index("Hausse") < page.index("Baisse")
    assert "unfinished" not in page
    assert "31/12/2024" in page
    assert 'href="2024-12/recovery/unpaid/unpaid.xlsx"' in page
    assert {"fr": "Alerte", "en": "Alert"}[lang] in page
    assert {"fr": "2\u00a0rapports, 1 ", "en": "2 reports, 1 "}[lang] in page.replace("2 rapports", "2\u00a0rapports")
    assert build_index(tmp_path, lang).read_text(encoding="utf-8") == page


def test_names_and_verdicts_are_only_shown(tmp_path: Path) -> None:
    payload = "<script>alert(1)</script><base href='//x.example'>"
    _publish(tmp_path, "2024-12/a/é # %", title=payload, verdict=payload, status='"><img src=//x>', as_of="2024-12-31")
    page = build_index(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in page
    assert list(outside_addresses(page)) == []
    assert "%C3%A9%20%23%20%25/" in page


def test_no_report_yet(tmp_path: Path) -> None:
    assert "Aucun rapport" in build_index(tmp_path / "new").read_text(encoding="utf-8")
    assert published(tmp_path / "none") == []
