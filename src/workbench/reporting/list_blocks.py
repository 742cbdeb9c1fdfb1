"""A list of names cut by the unit that works on it: a table a unit, each on its own sheet of paper, and one sheet of the workbook that can be filtered."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.reporting import tables
from workbench.reporting.rate_blocks import RateBlocks


class ListBlocks(RateBlocks):
    """What a page of lists draws; see `DrawnBlocks`."""

    def lists(
        self, key: str, data: pd.DataFrame, by: str, kinds: Mapping[str, str], shown: list[str], **values: Any
    ) -> None:
        """A table a code of `by`, in the order of the codes, under the sentence `<key>_of` (`unit`, `n`, and the sums of amounts by column name).

        `shown`: its columns; the workbook holds them all, on the sheet `key`.
        """
        written = {column: tables.kind_of(column, kinds) for column in data.columns}
        named = data.assign(**{by: data[by].astype("str").where(data[by].notna())})
        for code, rows in named.groupby(by, dropna=False, sort=True):
            unit = self._voice.word(by, None if pd.isna(code) else code)
            sums = {column: rows[column].sum() for column in shown if column.endswith(("_centimes", "_mad"))}
            said = {**values, **sums, "unit": unit, "n": len(rows)}
            title = self._voice.plain(f"{key}_of", **said)
            body = tables.plain_table(title, rows[shown], {column: written[column] for column in shown}, {}, self._voice, (), [False] * len(rows), True)  # fmt: skip
            self._block(f"{key}_of", body, "full", said)
        self._keep(key, self._voice.plain(key, **values), data, written, {})
