"""Mirrors reporting/list_blocks.py: a table a unit, all of them in one sheet, names as they are written."""

from typing import Any

from markupsafe import Markup

from tests.builders import table
from workbench.reporting.list_blocks import ListBlocks
from workbench.reporting.voice import Voice

NAMES = table("""
    agency_code  place  customer_name   due_centimes  gain_mad
    A2           1      Beta            20000         12.5
    A1           1      <b>Alpha</b>    10000         10.0
    A1           2      =1+1            5000          5.0
    -            1      Nowhere         100           0.5
""").astype({"gain_mad": float, "place": int})
KINDS = {"place": "count", "gain_mad": "mad_unit"}


class Kept(ListBlocks):
    """Blocks that keep what they would show."""

    def __init__(self, lang: str) -> None:
        self._voice, self.blocks, self.kept = Voice("recovery/monday", lang), [], []

    def _block(self, key: str, body: Markup, width: str, values: Any, flows: bool = False) -> None:
        self.blocks.append((self._voice.plain(key, **values), str(body)))

    def check(self, name: str, left: int, right: int) -> None:
        assert left == right, name

    def _keep(self, key: str, title: str, data: Any, kinds: Any, added: Any) -> None:
        self.kept.append((key, data))


def test_each_unit_has_its_table_and_the_workbook_has_them_all() -> None:
    page = Kept("en")
    shown = ["place", "customer_name", "due_centimes", "gain_mad"]
    page.lists("names", NAMES, "agency_code", KINDS, shown, unit_words="MAD")
    titles = [title for title, _ in page.blocks]
    assert [title.split(":")[0] for title in titles][:2] == ["A1", "A2"]
    assert len(titles) == 3  # what is of no agency is told too
    assert "2 names" in titles[0]
    assert "&lt;b&gt;Alpha&lt;/b&gt;" in page.blocks[0][1]
    assert "<b>Alpha" not in page.blocks[0][1]
    assert [(key, len(data)) for key, data in page.kept] == [("names", len(NAMES))]
