"""Text files with semicolons, a column at a time: what the made-up commercial system and registers write, in cp1252.

No cell of the made-up office holds a semicolon, a quote or a line break, so none is quoted.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.demo.places import Array


def write_delimited(path: Path, header: Sequence[str], columns: Sequence[pa.Array]) -> None:
    """Write columns of texts under their headers; a null is an empty cell."""
    rows = pc.binary_join_element_wise(*columns, ";", null_handling="replace", null_replacement="")
    text = "\r\n".join([";".join(header), *rows.to_pylist(), ""])
    path.write_bytes(text.encode("cp1252"))


def numbered(prefix: str, numbers: Array, width: int) -> pa.Array:
    """Codes made of a prefix and a number with leading zeros."""
    padded = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, padded, "") if prefix else padded


def coded(places: Array, names: Sequence[str]) -> pa.Array:
    """Texts by their place in a list."""
    return pa.array(list(names), pa.string()).take(pa.array(places))


def days(values: Array) -> pa.Array:
    """dd/mm/yyyy; no day is an empty cell."""
    return _by_value(values.astype("datetime64[D]"))


def _by_value(values: Array) -> pa.Array:
    # Few different days: each is written once.
    known, place = np.unique(values, return_inverse=True)
    texts = [None if np.isnat(day) else f"{day.item():%d/%m/%Y}" for day in known]
    return pa.array(texts, pa.string()).take(pa.array(place))


def amounts(centimes: Array) -> pa.Array:
    """1234,56; amounts below zero with the sign before."""
    size = np.abs(centimes)
    units, cents = pa.array(size // 100).cast(pa.string()), pc.utf8_lpad(pa.array(size % 100).cast(pa.string()), 2, "0")
    sign = coded((np.asarray(centimes) < 0).astype(np.int64), ("", "-"))
    return pc.binary_join_element_wise(sign, pc.binary_join_element_wise(units, cents, ","), "")
