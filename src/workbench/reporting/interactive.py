"""plotly figures on a page that opens offline: their data as JSON that cannot run, plotly.js once, compressed, allowed by its hash.

The style sheet of plotly is made by script in an empty `<style>`: the policy allows the hash of nothing for it. What comes from data
is text: plotly reads a little markup in labels and hovers (`<a href>` would navigate), so every `<` of a figure is written out.
"""

import base64
import functools
import gzip
import hashlib
import json
import re
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from workbench.reporting.words import clean

DIGITS = 10  # of a number of a figure: engines differ in the last ones
ALLOWED = re.compile(r"&lt;(br|/?b|/?i|extra|/extra)&gt;")  # what our own templates of hovers may hold
TEMPLATES = ("hovertemplate", "texttemplate")

_FRENCH = {
    "moduleType": "locale",
    "name": "fr",
    "dictionary": {},
    "format": {
        "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
        "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
        "months": [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
        "shortMonths": [
            "janv.",
            "févr.",
            "mars",
            "avr.",
            "mai",
            "juin",
            "juil.",
            "août",
            "sept.",
            "oct.",
            "nov.",
            "déc.",
        ],
        "date": "%d/%m/%Y",
        "decimal": ",",
        "thousands": "\u202f",
    },
}
_DRAW = (
    "Plotly.register({});"
    "document.querySelectorAll('script.plotly-data').forEach(s=>{{const f=JSON.parse(s.textContent);"
    "document.getElementById(s.dataset.target).classList.add('live');"
    "Plotly.newPlot(s.dataset.target,f.data,f.layout,{{locale:document.documentElement.lang,displaylogo:false,responsive:true,displayModeBar:false}})}});"
).format(json.dumps(_FRENCH, ensure_ascii=True, separators=(",", ":")))
_LOAD = (
    "(async()=>{const b=Uint8Array.from(atob(document.getElementById('plotly-gz').textContent),c=>c.charCodeAt(0));"
    "const t=await new Response(new Blob([b]).stream().pipeThrough(new DecompressionStream('gzip'))).text();"
    "const s=document.createElement('script');s.textContent=t;document.head.appendChild(s);" + _DRAW + "})();"
)


def block(figure: Any, number: int, alt: str) -> Markup:
    """A figure as a place to draw it and its data; `number` counts the figures of the page."""
    data = json.dumps(_plain(json.loads(figure.to_json())), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    # Inside a script element only `<` could end it.
    safe = Markup(data.replace("<", "\\u003c"))
    shape = (
        '<div class="plotly-target" id="plot-{}" role="img" aria-label="{}"></div>'
        '<script type="application/json" class="plotly-data" data-target="plot-{}">{}</script>'
    )
    return Markup(shape).format(number, alt, number, safe)


def _plain(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(one, key) for key, one in value.items() if (key, one) != ("title", {})}
    if isinstance(value, list):
        return [_plain(one, name) for one in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, str):
        text = clean(value).replace("<", "&lt;").replace(">", "&gt;")
        return ALLOWED.sub(r"<\1>", text) if name in TEMPLATES else text
    return value


def hash_of(text: str) -> str:
    """The hash by which a policy allows a script or a style."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


@functools.cache
def scripts() -> tuple[Markup, str, str]:
    """plotly.js and what draws with it; the script sources and the style sources that the policy must allow."""
    source = files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")
    packed = base64.b64encode(gzip.compress(source.encode(), 9, mtime=0)).decode()
    shape = '<script type="application/octet-stream" id="plotly-gz">{}</script><script>{}</script>'
    return Markup(shape).format(Markup(packed), Markup(_LOAD)), f"{hash_of(_LOAD)} {hash_of(source)}", hash_of("")
