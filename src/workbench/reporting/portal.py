"""The index of what was published: reports/index.html, offline, newest period first, each report with its verdict and files."""

import base64
import hashlib
import html
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.reporting.delivery import MANIFEST, manifest_of, write_atomic

WORDS = {
    "fr": {
        "title": "Rapports de la trésorerie et du recouvrement",
        "none": "Aucun rapport n’a encore été publié.",
        "count": "{count} rapport(s), {attention} appelant une décision",
        "report": "Rapport",
        "as_of": "Arrêté au",
        "status": "État",
        "verdict": "Constat",
        "files": "Fichiers",
        "ok": "Conforme",
        "watch": "À surveiller",
        "alert": "Alerte",
        "unmeasured": "Non mesuré",
        "info": "Information",
        "": "—",
    },
    "en": {
        "title": "Treasury and recovery reports",
        "none": "No report has been published yet.",
        "count": "{count} report(s), {attention} calling for a decision",
        "report": "Report",
        "as_of": "As of",
        "status": "Status",
        "verdict": "Finding",
        "files": "Files",
        "ok": "On target",
        "watch": "Watch",
        "alert": "Alert",
        "unmeasured": "Not measured",
        "info": "Information",
        "": "—",
    },
}
STYLE = """:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#f4f6f8;color:#16242f;font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header{background:#10324a;color:#fff;padding:28px max(16px,calc(50vw - 540px))}h1{margin:0;font-size:1.6rem}header p{margin:.3rem 0 0;color:#d5e3ec}
main{max-width:1080px;margin:24px auto;padding:0 16px}h2{font-size:1.05rem;margin:28px 0 8px}
table{width:100%;border-collapse:collapse;background:#fff;border:1px solid #d5dde3}caption{text-align:left;padding:0}
th,td{padding:10px 12px;text-align:left;vertical-align:top;border-top:1px solid #e3e9ed}thead th{background:#e9eef2;font-size:.85rem}
a{color:#0b5a8a}.s{white-space:nowrap;font-weight:600}.s-alert{color:#a3170f}.s-watch{color:#7a4a00}.s-ok{color:#1c6432}
@media(max-width:700px){thead{display:none}tr,th,td{display:block;border:0;padding:4px 12px}tr{border-top:1px solid #d5dde3;padding:8px 0}}
@media print{body{background:#fff}header{color:#000;background:#fff}header p{color:#333}}@page{size:A4;margin:14mm}"""


@dataclass(frozen=True)
class Published:
    """One published report: its folder relative to the reports folder, and its manifest."""

    folder: str
    manifest: dict[str, Any]


def published(reports: Path) -> list[Published]:
    """Every whole report below a folder, newest period first. What a killed run left (a hidden folder) is no report."""
    found = []
    for path in reports.rglob(MANIFEST):
        folder = path.parent.relative_to(reports)
        if any(part.startswith(".") for part in folder.parts):
            continue
        if (manifest := manifest_of(path.parent)) is not None:
            found.append(Published(folder.as_posix(), manifest))
    found.sort(key=lambda one: one.folder)
    return sorted(found, key=lambda one: one.folder.split("/")[0], reverse=True)


def build_index(reports: Path, lang: str = "fr") -> Path:
    """Write reports/index.html. The same reports give the same bytes."""
    words = WORDS[lang]
    found = published(reports)
    attention = sum(one.manifest.get("status") in ("alert", "watch") for one in found)
    said = words["count"].format(count=len(found), attention=attention) if found else words["none"]
    policy = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    body = "".join(_section(period, found, words, lang) for period in dict.fromkeys(_period(one) for one in found))
    page = (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{policy}'; "
        "base-uri 'none'; form-action 'none'\">"
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{words["title"]}</title>'
        f"<style>{STYLE}</style></head>\n<body><header><h1>{words['title']}</h1><p>{said}</p></header>"
        f"<main>{body}</main></body></html>\n"
    )
    reports.mkdir(parents=True, exist_ok=True)
    target = reports / "index.html"
    write_atomic(target, page.encode())
    return target


def _period(one: Published) -> str:
    return one.folder.split("/")[0]


def _section(period: str, found: list[Published], words: dict[str, str], lang: str) -> str:
    heads = "".join(f'<th scope="col">{words[name]}</th>' for name in ("report", "as_of", "status", "verdict", "files"))
    rows = "".join(_row(one, words, lang) for one in found if _period(one) == period)
    return (
        f"<table><caption><h2>{html.escape(period)}</h2></caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>\n"
    )


def _row(one: Published, words: dict[str, str], lang: str) -> str:
    manifest = one.manifest
    status = str(manifest.get("status", ""))
    as_of = str(manifest.get("as_of") or "—")
    shown = date.fromisoformat(as_of).strftime("%d/%m/%Y") if as_of != "—" else as_of
    names = sorted(manifest["files"], key=lambda name: (not name.endswith(".html"), name))
    links = [f'<a href="{quote(f"{one.folder}/{name}")}">{html.escape(name)}</a>' for name in names]
    title = html.escape(str(manifest.get("title") or manifest.get("report")))
    other = "" if manifest.get("lang") == lang else f' lang="{html.escape(str(manifest.get("lang")))}"'
    return (
        f'<tr><th scope="row"{other}><a href="{quote(f"{one.folder}/{names[0]}")}">{title}</a></th><td>{shown}</td>'
        f'<td class="s s-{html.escape(status)}">{words.get(status, html.escape(status))}</td>'
        f"<td{other}>{html.escape(str(manifest.get('verdict', '')))}</td><td>{'<br>'.join(links)}</td></tr>"
    )
