from typing import Any

import nbformat
import pytest

from workbench.errors import RunError
from workbench.reporting import checks


def _notebook(*outputs: Any) -> Any:
    nb: Any = nbformat.v4.new_notebook()
    nb.cells = [nbformat.v4.new_code_cell("x", outputs=list(outputs))]
    return nb


def _page(body: str) -> str:
    return f"<!DOCTYPE html><html lang='fr'><title>t</title><body>{body}</body></html>"


def test_a_clean_page_passes() -> None:
    shown = nbformat.v4.new_output("display_data", data={"text/html": "<p>1&nbsp;234,00 <b>MAD</b></p>"})
    checks.check_page(
        _page("<a href='#x'>x</a><p>1&nbsp;234,00 <b>MAD</b></p> http://example.org as text"),
        _notebook(shown),
        False,
        {},
    )


@pytest.mark.parametrize(
    "body",
    [
        "<img src='http://x.example/a.png'>",
        "<img src='//x.example/a.png'>",
        "<a href=' https://x.example'>x</a>",
        "<a href='javascript:alert(1)'>x</a>",
        "<link rel=stylesheet href='HTTPS://x.example/a.css'>",
        "<p style=\"background:url('https://x.example/a')\">x</p>",
        "<style>@import 'https://x.example';</style>",
        "<style>p{background:url(//x.example/a)}</style>",
        "<meta http-equiv=Refresh content='0;url=x'>",
        "<base href='x'>",
        "<form action='https://x.example'></form>",
        "<svg><use xlink:href='https://x.example/a.svg'></use></svg>",
    ],
)
def test_outside_addresses_are_refused(body: str) -> None:
    with pytest.raises(RunError, match="outside address"):
        checks.check_page(_page(body), _notebook(), False, {})


@pytest.mark.parametrize(
    "body",
    [
        "postgresql://reader:s3cret@host/db",
        "password = hunter22",
        "AKIA" + "A" * 16,
        "-----BEGIN RSA PRIVATE KEY-----",
        "value-of-the-variable",
    ],
)
def test_secrets_are_refused(body: str) -> None:
    with pytest.raises(RunError, match=r"secret|variable"):
        checks.check_page(_page(body), _notebook(), False, {"DB_PASSWORD": "value-of-the-variable"})


@pytest.mark.parametrize(
    "output",
    [
        nbformat.v4.new_output("display_data", data={"text/html": "<p>lost</p>"}),
        nbformat.v4.new_output("execute_result", data={"text/plain": "lost"}),
        nbformat.v4.new_output("stream", name="stdout", text="lost"),
    ],
)
def test_an_output_that_the_page_lost_is_refused(output: Any) -> None:
    with pytest.raises(RunError, match="not on the page"):
        checks.check_page(_page("<p>kept</p>"), _notebook(output), False, {})


def test_weight() -> None:
    page = _page("x" * 400_000)
    checks.check_page(page, _notebook(), True, {})
    with pytest.raises(RunError, match="weighs"):
        checks.check_page(page, _notebook(), False, {})


def test_an_error_output_is_refused() -> None:
    with pytest.raises(RunError, match="ValueError: no"):
        checks.check_notebook(_notebook(nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])))
