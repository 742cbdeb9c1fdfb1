"""An executed notebook as one page that opens offline, alone: its outputs, one style sheet, a policy that lets nothing else in."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape
from typing import Any

STYLE = """
body{margin:0 auto;max-width:1120px;padding:0 24px 40px;color:#16202a;background:#fff;font:15px/1.5 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
main{border-top:6px solid #16202a;padding-top:14px}
h1{font-size:22px;line-height:1.25;margin:6px 0}
.fake{float:right;margin:0;border:1px solid #46515c;padding:0 8px;font-size:13px;font-weight:700;color:#46515c}
.verdict{font-size:26px;line-height:1.3;font-weight:600;max-width:40em;margin:20px 0}
.cards{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px;border-top:2px solid #16202a;border-bottom:1px solid #c9d0d6;margin:0 0 30px;padding:10px 0}
.cards span{display:block;font-size:13px;color:#46515c}.cards b{font-size:30px;font-weight:600;letter-spacing:-.02em;white-space:nowrap}
.scroll{overflow-x:auto;margin:0 0 30px}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.4}
caption{text-align:left;font-size:17px;font-weight:700;padding:9px 0;border-top:2px solid #16202a}
th{font-weight:400;font-size:12px;color:#46515c;text-align:left;vertical-align:bottom;border-bottom:1px solid #16202a}
td,th{padding:4px 8px}td{border-bottom:1px solid #e6e9ec}.scroll td:first-child,.scroll th:first-child{position:sticky;left:0;background:#fff}.r{text-align:right;white-space:nowrap}
tr.sum td{border-top:1px solid #46515c;border-bottom:0;font-weight:700}
.note,dl{font-size:12px;color:#46515c}dt,dd{display:inline;margin:0 6px 0 0}dd{color:#16202a;overflow-wrap:anywhere}
@media(max-width:720px){body{padding:0 16px 32px}.verdict{font-size:21px}.cards b{font-size:25px}.cards{grid-template-columns:1fr 1fr}}
@page{size:A4;margin:14mm}
@media print{body{padding:0;font-size:11px}.verdict{font-size:18px}.cards b{font-size:20px}table{font-size:8px}td,th{padding:2px 3px}th{font-size:7.5px}caption{font-size:11px}.scroll{overflow:visible}thead{display:table-header-group}tr{break-inside:avoid}}
"""


def export(notebook: Any, report: str, lang: str, stamp: Mapping[str, str]) -> str:
    """The page of an executed notebook. Same notebook, same stamp: same bytes."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'sha256-{digest}'"
    body = "\n".join(_outputs(notebook))
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in stamp.items())
    return (
        f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(report)}</title>'
        f"<style>{STYLE}</style></head><body><main>\n{body}\n</main><footer><dl>{told}</dl></footer></body></html>\n"
    )


def _outputs(notebook: Any) -> list[str]:
    """The HTML that the kit wrote, and any other output as plain text."""
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "stream":
                shown.append(f"<pre>{escape(output.text)}</pre>" if output.name == "stdout" else "")
            elif "text/html" in data:
                shown.append("".join(data["text/html"]))
            elif "text/plain" in data:
                shown.append(f"<pre>{escape(''.join(data['text/plain']))}</pre>")
    return [text for text in shown if text]
