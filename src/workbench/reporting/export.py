"""An executed notebook as one page that opens offline, alone: its outputs, one style sheet, a policy that lets nothing else in.

The page is the nbconvert template `template/page`. A page without a plotly figure holds no script at all.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from typing import Any

import lxml.html

from workbench.reporting import interactive
from workbench.reporting.style import PATTERNS, style_sheet
from workbench.reporting.words import EVERY_PAGE, has, say


def export(notebook: Any, report: str, lang: str, stamp: Mapping[str, str]) -> str:
    """The page of an executed notebook. Same notebook, same stamp: same bytes."""
    # Imported here: it takes half a second, and only a run needs it.
    from nbconvert.exporters import TemplateExporter

    scripts, script_sources, style_sources = "", "", ""
    if any("plotly-data" in html for html, _ in _shown(notebook)):
        scripts, script_sources, style_sources = interactive.scripts()
    style = style_sheet()
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {' '.join(filter(None, (interactive.hash_of(style), style_sources)))}"
        + (f"; script-src {script_sources}" if script_sources else "")
    )
    resources = {
        "lang": lang,
        "policy": policy,
        "style": style,
        "patterns": PATTERNS,
        "title": _title(notebook) or report,
        "contents": [kept for _, kept in _shown(notebook) if "section" in kept],
        "words": {key: say(EVERY_PAGE, key, lang) for key in ("contents", "to_content")},
        "stamp": [(_label(name, lang), value) for name, value in stamp.items()],
        "scripts": scripts,
    }
    with as_file(files("workbench.reporting").joinpath("template")) as folder:
        exporter: Any = TemplateExporter(  # type: ignore[no-untyped-call]
            template_name="page", template_file="index.html.j2", extra_template_basedirs=[str(folder)]
        )
        page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return str(page).rstrip() + "\n"


def _shown(notebook: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The blocks that the kit wrote, with what it says of each."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if kept := output.get("metadata", {}).get("workbench"):
                yield "".join(output["data"]["text/html"]), kept


def _title(notebook: Any) -> str:
    for html, kept in _shown(notebook):
        if kept["part"] == "head" and "<h1>" in html:
            root: Any = lxml.html.fromstring(f"<div>{html}</div>")
            return " ".join(str(root.xpath("//h1")[0].text_content()).split())
    return ""


def _label(name: str, lang: str) -> str:
    return say(EVERY_PAGE, f"stamp_{name}", lang) if has(EVERY_PAGE, f"stamp_{name}") else name
