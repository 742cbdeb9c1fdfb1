"""Colours that mean something, and the one style sheet of a page.

Actual: slate. Second measure: mid blue. Previous year: pale. Announced or planned: outline. Estimated: hatched. Red hatch: about
to be lost. Wash: asks for a decision, or another time than the data's. Green and red only with a sign and a word.
"""

import functools
from importlib.resources import files

from markupsafe import Markup

TOKENS = {
    "ink": "#16202a",  # text, actual lines
    "ink2": "#46515c",  # secondary text
    "ink3": "#5d6873",  # notes, axes
    "rule": "#c9d0d6",
    "hair": "#e6e9ec",
    "wash": "#f6f5f1",
    "accent": "#0a5a70",  # links: never a judgement
    "actual": "#22384a",
    "second": "#6f8fa6",
    "prev": "#aebbc6",
    "good": "#10684b",
    "warn": "#855000",
    "bad": "#a71d1d",
    "goodfill": "#3d8f72",
    "badfill": "#c0483f",
    "band95": "#e6edf2",  # bands of a forecast: the wide one paler
    "band80": "#c9d9e3",
}
TEXT_COLOURS = ("ink", "ink2", "ink3", "accent", "good", "warn", "bad")
GROUNDS = ("#ffffff", TOKENS["wash"])
HEAT = ("#f3f6f8", "#dfe8ed", "#c3d5df", "#9dbccb", "#6d9bb0", "#2f6f8a", "#124f67")
DARK_HEAT = 5  # from this step on, figures are white

# A status is a sign and a word (`status_ok` … in every_page.toml), never a colour alone.
SIGNS = {"ok": "●", "watch": "▲", "alert": "■", "unmeasured": "○", "info": "·"}
CLASSES = {"ok": "good", "watch": "warn", "alert": "bad", "unmeasured": "unk", "info": "unk"}


def contrast(one: str, other: str) -> float:
    """Contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@functools.cache
def style_sheet() -> str:
    """The style sheet of every page: colours from `TOKENS` and `HEAT`, rules from `template/style.css`."""
    rules = files("workbench.reporting").joinpath("template", "style.css").read_text(encoding="utf-8")
    tokens = "".join(f"--{name}:{value};" for name, value in TOKENS.items())
    heat = "".join(
        f".h{step}{{background:{colour}{';color:#fff' if step >= DARK_HEAT else ''}}}\n"
        for step, colour in enumerate(HEAT)
    )
    return f":root{{{tokens}}}\n{heat}{rules}"


def _hatch(name: str, width: str, colour: str) -> Markup:
    return Markup(
        '<pattern id="{}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="5" height="5" fill="#fff"/><rect width="{}" height="5" fill="{}"/></pattern>'
    ).format(name, width, colour)


# Hatches that drawings refer to; they stand once, at the head of a page.
PATTERNS = Markup('<svg class="defs" aria-hidden="true"><defs>{}{}</defs></svg>').format(
    _hatch("hatch", "1.6", TOKENS["actual"]), _hatch("hatchbad", "2", TOKENS["bad"])
)
