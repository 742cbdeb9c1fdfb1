"""What errors say, in French: errors are raised in English, and found again here by their sentence (french.toml).

An error is raised far from whoever reads it, by functions that know no language. Its sentence holds its values already, so the
French one is found by shape: the longest English sentence that fits lends its values to the French one.
"""

import functools
import re
import tomllib
from importlib.resources import files


@functools.cache
def french_sentences() -> dict[str, str]:
    """English sentence → French sentence, with `{}` for each value."""
    source = files("workbench").joinpath("french.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@functools.cache
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    """Shapes of the English sentences, those with most words of their own first."""
    ordered = sorted(french_sentences().items(), key=lambda pair: len(pair[0].replace("{}", "")), reverse=True)
    return [
        (re.compile("(.+?)".join(re.escape(part) for part in english.split("{}")), re.DOTALL), french)
        for english, french in ordered
    ]


def in_french(text: str) -> str:
    """The French for a sentence of the house; a text that is none of them (a library's, the system's) as it is."""
    return _found(text) or text


def message_in_french(text: str) -> str:
    """The French for the whole message of an error, `place: sentence — remedy`; empty where the sentence is none of the house."""
    told, _, remedy = text.partition(" — ")
    for place in (0, *(found.end() for found in re.finditer(": ", told))):
        if sentence := _found(told[place:]):
            before = told[:place].removesuffix(": ")
            parts = (f"{before} : {sentence}" if before else sentence, in_french(remedy))
            return " — ".join(part for part in parts if part)
    return ""


def _found(text: str) -> str:
    for shape, french in _shapes():
        if found := shape.fullmatch(text):
            return french.format(*found.groups())
    return ""
