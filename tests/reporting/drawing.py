"""What several tests of pages need: an office, a page that keeps what it shows, hostile names."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import nbformat
import pytest

from workbench.reporting import Page, page


@dataclass
class Office:
    import_id: str = "imp-00001"
    is_synthetic: bool = True


@contextmanager
def page_kept(report: str = "treasury/cash_position", lang: str = "fr") -> Iterator[tuple[Page, list[dict[str, Any]]]]:
    """A page and the outputs that it shows, in order."""
    shown: list[dict[str, Any]] = []

    def keep(data: dict[str, str], raw: bool, metadata: dict[str, Any]) -> None:
        assert raw
        shown.append({"data": data, "metadata": metadata})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["workbench.reporting.pages"], "display", keep)  # `page` is a function too
        yield page(report, "2024-12-31", lang, Office()), shown


def as_notebook(shown: list[dict[str, Any]]) -> Any:
    """The executed notebook that would hold these outputs."""
    outputs = [nbformat.v4.new_output("display_data", **one) for one in shown]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])


def html_of(shown: list[dict[str, Any]]) -> str:
    """All that was shown, as one text."""
    return "".join(one["data"]["text/html"] for one in shown)


# Names as a hostile sender would write them: none may run, load, navigate, submit, restyle or become a formula.
PAYLOADS = [
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=2</script>",
    "<img src=x onerror=window.pwned=3>",
    '"><img src=x onerror=window.pwned=4>',
    "'><svg onload=window.pwned=5>",
    "<svg><script>window.pwned=6</script></svg>",
    "<iframe src=javascript:window.parent.pwned=7></iframe>",
    "<iframe srcdoc='<script>parent.pwned=8</script>'></iframe>",
    "<base href=https://evil.invalid/>",
    "<meta http-equiv=refresh content='0;url=https://evil.invalid/'>",
    "<link rel=stylesheet href=https://evil.invalid/a.css>",
    "<style>body{display:none}</style>",
    "</style><script>window.pwned=9</script>",
    "<a href=javascript:window.pwned=10>x</a>",
    "<a href='https://evil.invalid/' autofocus onfocus=window.pwned=11>x</a>",
    "<form action=https://evil.invalid/><input autofocus onfocus=window.pwned=12></form>",
    "<body onload=window.pwned=13>",
    "<details open ontoggle=window.pwned=14>x</details>",
    "<video><source onerror=window.pwned=15></video>",
    "<object data=javascript:window.pwned=16></object>",
    "<embed src=javascript:window.pwned=17>",
    "<math><mtext><img src=x onerror=window.pwned=18></mtext></math>",
    "<template><script>window.pwned=19</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=20>'>",
    "<!--><script>window.pwned=21</script>-->",
    "<![CDATA[<script>window.pwned=22</script>]]>",
    "&lt;script&gt;window.pwned=23&lt;/script&gt;",
    "&#60;img src=x onerror=window.pwned=24&#62;",
    "<img src='https://evil.invalid/pixel.png'>",
    "<picture><source srcset=https://evil.invalid/p.png></picture>",
    "javascript:window.pwned=25",
    "data:text/html,<script>window.pwned=26</script>",
    "{{7*7}}{% raw %}<script>window.pwned=27</script>{% endraw %}",
    "${window.pwned=28}",
    "**gras** <b onmouseover=window.pwned=29>x</b>",
    "{position:mdh}",
    '=HYPERLINK("https://evil.invalid";"x")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1;2)",
    "\t=1+1",
    " =1+1",
    "\uff1d1+1",
    "abc\u202etxt.exe",
    "\u2067masqu\u00e9\u2069",
    "nul\x00octet",
    "retour\rchariot\x1b[31m",
    "https://evil.invalid/?q=1",
    "mailto:a@evil.invalid",
    "\ufeffmarque \u200bvide",
]
