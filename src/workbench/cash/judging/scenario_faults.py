"""What is wrong with a scenario file, in words of the house: one true fault, its key, and what to write there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.errors import WorkbenchError, WrongUse

Fault = Mapping[str, Any]


def told_fault(name: str, faults: Sequence[Any]) -> WrongUse:
    """The fault to mend first of those that pydantic found in a file: a key that is unknown before one that is then missing.

    A list that is called too short because its entries do not hold is no fault of its own: it comes after them, and is not told.
    """
    first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    told = _WORDS.get(first["type"], _other)(first)
    where = f"{name}: {_place(first['loc'])}"
    if told.remedy:
        return WrongUse(told.what, where, told.remedy)
    return WrongUse(told.what, where, "see docs/methods/scenarios.md for the keys of a step")


def _place(location: tuple[int | str, ...]) -> str:
    """`steps.2.days`, steps counted from one, without the kind that pydantic puts in between."""
    named = [str(part + 1) if isinstance(part, int) else part for part in location]
    if len(named) > 2 and named[0] == "steps":
        del named[2]
    return ".".join(named) or "scenario"


def _of_validator(fault: Fault) -> WorkbenchError:
    """The sentence that a validator of the house has raised."""
    (said,) = fault["ctx"]["error"].args
    return said if isinstance(said, WorkbenchError) else _other(fault)


def _other(fault: Fault) -> WorkbenchError:
    return WrongUse("the value does not hold here")


def _whole(fault: Fault) -> WorkbenchError:
    return WrongUse("a whole number is expected, without quotes")


def _text(fault: Fault) -> WorkbenchError:
    return WrongUse("a text between quotes is expected")


def _list(fault: Fault) -> WorkbenchError:
    return WrongUse("a list between [ ] is expected")


def _table(fault: Fault) -> WorkbenchError:
    return WrongUse("a step is a table that begins with [[steps]]")


def _tag(fault: Fault) -> WorkbenchError:
    kinds = str(fault["ctx"]["expected_tags"]).replace("'", "")
    return WrongUse(f"there is no kind of step « {fault['ctx']['tag']} »", remedy=f"one of: {kinds}")


def _literal(fault: Fault) -> WorkbenchError:
    known = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
    return WrongUse("none of the words that may stand here", remedy=f"one of: {known}")


_WORDS: Mapping[str, Callable[[Fault], WorkbenchError]] = {
    "value_error": _of_validator,
    "extra_forbidden": lambda fault: WrongUse("there is no such key"),
    "missing": lambda fault: WrongUse("the key is missing"),
    "union_tag_invalid": _tag,
    "union_tag_not_found": lambda fault: WrongUse("the step does not say its kind"),
    "model_type": _table,
    "model_attributes_type": _table,
    "tuple_type": _list,
    "int_type": _whole,
    "int_parsing": _whole,
    "int_from_float": _whole,
    "bool_type": lambda fault: WrongUse("true or false is expected, without quotes"),
    "string_type": _text,
    "string_too_short": lambda fault: WrongUse("the text is empty"),
    "string_too_long": lambda fault: WrongUse(f"the text is longer than {fault['ctx']['max_length']} characters"),
    "string_pattern_mismatch": lambda fault: WrongUse(
        "the name of the file has other signs than a-z, 0-9, - and _", remedy="give the file another name"
    ),
    "too_short": lambda fault: WrongUse("the list is empty"),
    "literal_error": _literal,
    "greater_than_equal": lambda fault: WrongUse(f"less than {fault['ctx']['ge']}"),
    "greater_than": lambda fault: WrongUse(f"not above {fault['ctx']['gt']}"),
    "less_than_equal": lambda fault: WrongUse(f"more than {fault['ctx']['le']}"),
}
