"""What a page must hold before it is published: no error, every output on it, no secret, no outside address, not too heavy."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import lxml.html

from workbench.errors import RunError

HEAVIEST_BYTES = 2_500_000
HEAVIEST_WITHOUT_PLOTLY_BYTES = 400_000
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY", re.IGNORECASE)
_SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|"
    r"\b[a-z][a-z0-9+]*://[^\s/:@\"'<>]+:[^\s/@\"'<>]+@|\b(?:password|passwd|mot de passe)\s*[=:]\s*[^\s\"'<]{4,}",
    re.IGNORECASE,
)
_LOADING = re.compile(r"url\(\s*['\"]?\s*(?!data:|#)([^)'\"]{1,80})|@import\s+([^;]{1,80})", re.IGNORECASE)
_ADDRESSES = (
    "src",
    "href",
    "action",
    "data",
    "poster",
    "background",
    "srcset",
    "formaction",
    "cite",
    "ping",
    "xlink:href",
)
_OUTSIDE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//|\s*(?:https?|ftp|file|javascript|vbscript):", re.IGNORECASE)


def check_notebook(notebook: Any) -> None:
    """No output of an executed notebook is an error. Raises `RunError`."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise RunError(f"{output.ename}: {output.evalue}"[:500], where=f"cell {number}")


def check_page(html: str, notebook: Any, has_plotly: bool, environment: Mapping[str, str] | None = None) -> None:
    """Refuse a page that must not be published. Raises `RunError` with the first reason."""
    size, most = len(html.encode()), HEAVIEST_BYTES if has_plotly else HEAVIEST_WITHOUT_PLOTLY_BYTES
    if size > most:
        raise RunError(f"the page weighs {size:,} bytes, more than {most:,}", remedy="show fewer rows or fewer charts")
    if address := next(outside_addresses(html), None):
        raise RunError(f"the page would call an outside address: {address[:80]!r}")
    check_no_secret(html, os.environ if environment is None else environment)
    shown = _words(html)
    for number, cell in enumerate(notebook.cells):
        for text in _outputs(cell):
            if text not in shown:
                raise RunError("an output is not on the page", where=f"cell {number}", remedy=text[:80])


def check_no_secret(text: str, environment: Mapping[str, str]) -> None:
    """No key, no password in an address, no value of a secret variable of the environment. Raises `RunError`."""
    if match := _SECRETS.search(text):
        raise RunError("the page holds what looks like a secret", where=f"character {match.start()}")
    for name, value in environment.items():
        if _SECRET_NAME.search(name) and len(value) >= 8 and value in text:
            raise RunError(f"the page holds the value of the environment variable {name}")


def outside_addresses(html: str) -> Iterator[str]:
    """Addresses that a page would load or lead to outside itself: in attributes, styles and refreshes."""
    root = lxml.html.document_fromstring(html)
    for element in root.iter(lxml.etree.Element):
        for name, value in element.attrib.items():
            text = str(value)
            if str(name).lower() in _ADDRESSES and _OUTSIDE.match(text):
                yield text
            if str(name).lower() == "style" and (match := _LOADING.search(text)):
                yield match[0]
        if element.tag == "style" and (match := _LOADING.search(element.text or "")):
            yield match[0]
        if element.tag == "meta" and str(element.get("http-equiv", "")).lower() == "refresh":
            yield str(element.get("content"))
        if element.tag == "base":
            yield f"base {element.get('href')}"


def _outputs(cell: Any) -> list[str]:
    """What each output of a cell must show: the words of its HTML, or of its text."""
    texts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if output.output_type == "stream":
            raw = _words_of_text(output.text) if output.name == "stdout" else ""
        elif "text/html" in data:
            raw = _words(data["text/html"])
        else:
            raw = _words_of_text(data.get("text/plain", ""))
        texts.append(raw)
    return [text for text in texts if text]


def _words(html: str) -> str:
    root: Any = lxml.html.fromstring(f"<div>{html}</div>")
    return _words_of_text(str(root.text_content()))


def _words_of_text(text: str | list[str]) -> str:
    return "".join(("".join(text)).split())
