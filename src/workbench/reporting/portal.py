"""The index of what was published: reports/index.html, offline, newest period first, each report with its verdict and files."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from workbench.reporting.delivery import MANIFEST, manifest_of, write_atomic
from workbench.reporting.interactive import hash_of
from workbench.reporting.style import SIGNS, style_sheet
from workbench.reporting.tables import head, row_head, status, table
from workbench.reporting.voice import Voice

COLUMNS = ("report", "as_of", "status", "verdict", "files")


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
    return sorted(found, key=lambda one: (str(one.manifest.get("as_of") or ""), _period(one)), reverse=True)


def build_index(reports: Path, lang: str = "fr") -> Path:
    """Write reports/index.html. The same reports give the same bytes."""
    voice, found, style = Voice("portal", lang), published(reports), style_sheet()
    attention = sum(one.manifest.get("status") in ("alert", "watch") for one in found)
    said = voice.say("count", count=len(found), attention=attention) if found else voice.say("none")
    policy = f"default-src 'none'; style-src {hash_of(style)}; base-uri 'none'; form-action 'none'"
    periods = dict.fromkeys(_period(one) for one in found)
    body = Markup().join(
        _section(period, [one for one in found if _period(one) == period], voice) for period in periods
    )
    page = Markup(
        '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{}</title><style>{}</style></head>\n'
        '<body><div class="wrap"><header class="top"><h1>{}</h1><p class="lede">{}</p></header><main>{}</main></div></body></html>\n'
    ).format(lang, policy, voice.say("title"), Markup(style), voice.say("title"), said, body)
    reports.mkdir(parents=True, exist_ok=True)
    target = reports / "index.html"
    write_atomic(target, page.encode())
    return target


def _period(one: Published) -> str:
    return one.folder.split("/")[0]


def _section(period: str, found: list[Published], voice: Voice) -> Markup:
    heads = [head(voice.say(name)) for name in COLUMNS]
    rows = [_row(one, voice) for one in found]
    return Markup('<section class="fig"><h2>{}</h2>{}</section>\n').format(period, table(period, heads, rows))


def _badge(manifest: dict[str, Any]) -> Markup:
    """What the page says of its data beside its title: that they are made up."""
    return Markup(' <span class="fake">{}</span>').format(manifest["badge"]) if manifest.get("badge") else Markup()


def _known_on(one: Published, voice: Voice) -> Markup:
    """Said where a report is of what an earlier import knew."""
    known = one.manifest.get("known_on")
    return Markup("<br>{}").format(voice.say("known_on", name=known)) if known else Markup()


def _row(one: Published, voice: Voice) -> Markup:
    manifest = one.manifest
    code, as_of = str(manifest.get("status", "")), manifest.get("as_of")
    names = sorted(manifest["files"], key=lambda name: (not name.endswith(".html"), name))
    links = [Markup('<a href="{}">{}</a>').format(quote(f"{one.folder}/{name}"), name) for name in names]
    title = str(manifest.get("title") or manifest.get("report"))
    spoken = manifest.get("lang")
    other = Markup("") if spoken == voice.lang else Markup(' lang="{}"').format(spoken)
    return Markup("<tr{}>{}<td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
        other,
        row_head(Markup('<a href="{}">{}</a>{}').format(quote(f"{one.folder}/{names[0]}"), title, _badge(manifest))),
        Markup("{}{}").format(
            voice.written(date.fromisoformat(as_of), "date") if as_of else "–", _known_on(one, voice)
        ),
        status(code, voice.plain(f"status_{code}")) if code in SIGNS else code or "–",
        str(manifest.get("verdict", "")),
        Markup("<br>").join(links),
    )
