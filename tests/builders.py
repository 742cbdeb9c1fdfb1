"""Tables written as a person reads them: the input of a test stands in the test."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd


def table(text: str) -> pd.DataFrame:
    """A table of aligned words: `-` is null, `…_date` columns are dates, `…_centimes`, `…_count`, `…_days`, `…_bucket` are integers."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    data = {name: [_value(name, line[i]) for line in lines] for i, name in enumerate(header)}
    frame = pd.DataFrame(data, columns=header)
    for name in header:
        if name.endswith("_date"):
            frame[name] = pd.to_datetime(frame[name])
        elif _is_integer(name):
            frame[name] = frame[name].astype("Int64")
    return frame


def _is_integer(name: str) -> bool:
    return name.endswith(
        ("_centimes", "_count", "_days", "_bucket", "_rank", "_version", "_year", "_number_of", "_ordinal")
    )


def _value(name: str, word: str) -> Any:
    if word == "-":
        return None
    if name.endswith("_date"):
        return date.fromisoformat(word)
    if name.startswith("is_"):
        return word == "true"
    if name.endswith(("_rate", "_share", "_value")):
        return float(word)
    return int(word.replace("_", "")) if _is_integer(name) else word


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of a table, with dates as dates and nulls as None, for comparison."""
    plain = frame.copy()
    for name in plain.columns:
        if pd.api.types.is_datetime64_any_dtype(plain[name]):
            plain[name] = plain[name].dt.date
    return [
        tuple(None if pd.isna(value) else value for value in row) for row in plain.itertuples(index=False, name=None)
    ]


def worked(name: str) -> dict[str, Any]:
    """The worked examples of a calculation: `tests/cases/<name>.toml`."""
    return tomllib.loads((Path(__file__).parent / "cases" / f"{name}.toml").read_text(encoding="utf-8"))
