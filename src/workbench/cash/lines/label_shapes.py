"""The shape of a bank's label: what stays of it when numbers and spelling change. `VIR REÇU N° 0042` and `vir recu n° 7` have one shape.

Capitals, without accents, each run of digits as one `#`, one space between words. Many labels have few shapes, so what is asked of
a shape is asked once, however many lines bear it. A shape is text and nothing else: no control character is left in it.
"""

import functools
import re
import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int64]
_DIGITS, _SPACES = re.compile(r"[\d#]+"), re.compile(r"\s+")


@functools.lru_cache(maxsize=1 << 16)
def plain_capitals(text: str) -> str:
    """Text in capitals without accents or control characters, one space between words; digits stay."""
    # Taken apart before and after: some small letters stand inside signs, some capitals are two letters.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper())
    kept = (" " if unicodedata.category(char)[0] in "CZ" else char for char in parts if not unicodedata.combining(char))
    return _SPACES.sub(" ", "".join(kept)).strip()


def label_shape(text: str) -> str:
    """The shape of one label."""
    return _DIGITS.sub("#", plain_capitals(text))


def texts(column: Any) -> pa.Array:
    """A column of texts in Arrow, in one piece."""
    chunks = pa.chunked_array(pa.array(pd.Series(column).astype("str"), pa.string(), from_pandas=True))
    return chunks.combine_chunks()


def coded(column: Any) -> tuple[Codes, list[str]]:
    """A column of texts (pandas or Arrow) as places in the list of its distinct texts; a null is the empty text."""
    one = column if isinstance(column, pa.Array) else texts(column)
    words = one.fill_null("").dictionary_encode()
    return np.asarray(words.indices).astype(np.int64), words.dictionary.to_pylist()


def coded_by(codes: Codes, words: list[str], made: Any) -> tuple[Codes, list[str]]:
    """Coded texts turned into others, each distinct one once: `made` is the function of one text."""
    places: dict[str, int] = {}
    renamed = np.array([places.setdefault(made(word), len(places)) for word in words], np.int64)
    return renamed[codes] if len(words) else codes, list(places)


def shapes_of(labels: Any) -> tuple[Codes, list[str]]:
    """The shapes of a column of labels: for each row the place of its shape, and the shapes. A null label has the empty shape."""
    # Digits go first, in Arrow: a million labels that bear a number each are then a few hundred texts.
    return coded_by(*coded(pc.replace_substring_regex(texts(labels), "[0-9#]+", "#")), label_shape)
