"""Profiles: one TOML a kind of file received, saying its format, encoding, marks, dates, and where its columns go.

A profile is data that people edit: an unknown key is refused by file and key, and a file name that fits two profiles is read by
neither.
"""

import codecs
import fnmatch
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from workbench.errors import ReadingError, WrongUse
from workbench.money import SPACES
from workbench.schemas.tables import READINGS, TABLES

_STRICT = ConfigDict(extra="forbid", frozen=True)
Format = Literal["cfonb120", "mt940", "mt942", "camt", "multicash", "sap_list", "csv", "xlsx", "database"]
FORMATS: tuple[str, ...] = get_args(Format)
TABULAR = ("sap_list", "csv", "xlsx", "database")  # the formats whose columns a profile maps
LIST = "read_lines"  # target of a bank's list; the columns of its statement may be mapped too
_LIST_COLUMNS = {*READINGS[LIST].columns, "account_identifier", "currency_code"} - {"statement_index", "line_number"}
_TARGET_KEYS = ("table", "columns", "constants", "codes", "where_filled", "where", "distinct", "may_lack")

Alternatives = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value), Field(min_length=1)
]


class Sign(BaseModel):
    """How a file says whether money comes in or goes out.

    `as_written`; `negated`; `debit_credit` (two columns, of which `debit_written` says how the first writes its amounts);
    `by_column` (the amount is negative where `column` holds one of `negative`).
    """

    model_config = _STRICT
    rule: Literal["as_written", "debit_credit", "negated", "by_column"] = "as_written"
    debit: str = ""
    credit: str = ""
    debit_written: Literal["positive", "negative"] = "positive"
    column: str = ""
    negative: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> "Sign":
        if self.rule == "debit_credit" and not (self.debit and self.credit):
            raise ValueError("rule debit_credit needs the headers `debit` and `credit`")
        if self.rule == "by_column" and not (self.column and self.negative and self.positive):
            raise ValueError("rule by_column needs `column`, `negative` and `positive`")
        return self


SNIFFED_BYTES = 4096


class SapList(BaseModel):
    """Words by which a list says what it holds; a date on the same line is the day of the extract."""

    model_config = _STRICT
    open_items: tuple[str, ...] = ()
    all_items: tuple[str, ...] = ()


class Target(BaseModel):
    """A table that the file fills: column = source header, one of several headers, or a template with {headers}.

    `where_filled` and `where` say which rows count; `distinct` drops rows equal in every column; `may_lack` names the mapped
    columns that some files do not have.
    """

    model_config = _STRICT
    table: str
    columns: dict[str, Alternatives] = Field(default_factory=dict)
    constants: dict[str, str | date | int] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    where_filled: str = ""
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    distinct: bool = False
    may_lack: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _known(self) -> "Target":
        named = {*self.columns, *self.constants, *self.codes, *self.may_lack}
        if self.table == LIST:
            unknown = named - _LIST_COLUMNS
        elif self.table in TABLES and TABLES[self.table].is_own:
            raise ValueError(f"table {self.table} is the workbench's own: no file fills it")
        elif self.table in TABLES:
            unknown = named - set(TABLES[self.table].columns)
        else:
            raise ValueError(f"no table is called {self.table!r}")
        if unknown:
            raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        if twice := set(self.columns) & set(self.constants):
            raise ValueError(f"both a column and a constant: {', '.join(sorted(twice))}")
        if self.table == LIST and "currency_code" not in named:
            raise ValueError("a bank list says no currency: give currency_code as a column or a constant")
        return self


class Profile(BaseModel):
    """What a kind of file looks like. Unknown keys are refused."""

    model_config = _STRICT
    name: str
    format: Format
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    encoding: str = "utf-8"
    decimal: str = ","
    thousands: str = SPACES
    date_formats: Annotated[tuple[str, ...], Field(min_length=1)] = ("%d/%m/%Y",)
    delimiter: str = ";"
    header_row: Annotated[int, Field(ge=1)] = 1
    sheet: str = ""
    query: str = ""
    parameters: tuple[str, ...] = ()
    uri_variable: str = ""
    begins_with: str = ""  # regular expression on the file's first characters, where no pattern fits its name
    name_pattern: str = ""  # regular expression on the file's name; a group `day` is the header `name.day`
    complete_days: bool = False
    sign: Sign = Sign()
    list: SapList = SapList()
    targets: tuple[Target, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _one_target(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A profile of one table may write `table` and `[columns]` at its top."""
        if "table" not in given:
            return given
        if "targets" in given:
            raise ValueError("give `table` or `[[targets]]`, not both")
        rest = {key: value for key, value in given.items() if key not in _TARGET_KEYS}
        return rest | {"targets": [{key: given[key] for key in _TARGET_KEYS if key in given}]}

    @model_validator(mode="after")
    def _holds(self) -> "Profile":
        try:
            codecs.lookup(self.encoding)
            re.compile(self.name_pattern)
            re.compile(self.begins_with)
        except LookupError:
            raise ValueError(f"no encoding is called {self.encoding!r}") from None
        except re.error as error:
            raise ValueError(f"name_pattern or begins_with is no regular expression: {error}") from None
        if len(self.decimal) != 1 or self.decimal in self.thousands:
            raise ValueError("decimal is one mark, and none of the thousands marks")
        if len(self.delimiter) != 1:
            raise ValueError("delimiter is one character")
        if self.format in TABULAR and not self.targets:
            raise ValueError(f"a profile of format {self.format} needs `table` and `[columns]`, or `[[targets]]`")
        if self.format == "database" and not (self.query and self.uri_variable):
            raise ValueError("a profile of format database needs `query` and `uri_variable`")
        return self


def load_profiles(folder: Path) -> dict[str, Profile]:
    """The profiles of a folder by name. `WrongUse` names the file and the key that is wrong."""
    if not folder.is_dir():
        raise WrongUse("the folder of profiles is absent", str(folder), "give it with --profiles")
    return {path.stem: _load(path) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> Profile:
    try:
        return Profile(**(tomllib.loads(path.read_text(encoding="utf-8")) | {"name": path.stem}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"the profile is no TOML: {error}", path.name) from error
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in e['loc']) or 'profile'}: {e['msg']}" for e in error.errors()]
        raise WrongUse("; ".join(faults), path.name, "see data/profiles/README.md for the keys of a profile") from error


def profile_for(path: Path, profiles: Mapping[str, Profile]) -> Profile:
    """The one profile whose patterns fit the file's name; where none does, the one whose `begins_with` fits how the file begins."""
    name = path.name.lower()
    fits = [p for p in profiles.values() if any(fnmatch.fnmatch(name, pattern.lower()) for pattern in p.files)]
    if not fits and (start := _beginning(path)):
        fits = [p for p in profiles.values() if p.begins_with and re.match(p.begins_with, start)]
    if not fits:
        raise ReadingError(
            "no profile knows this file",
            path.name,
            "add a profile with a pattern that fits this name, or name one with --profile",
        )
    if len(fits) > 1:
        names = ", ".join(p.name for p in fits)
        raise ReadingError(
            f"several profiles know this file: {names}", path.name, "narrow the patterns of all but one of them"
        )
    return fits[0]


def _beginning(path: Path) -> str:
    """The first characters of a file, byte for byte, without marks of encoding and blank space; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(SNIFFED_BYTES).decode("latin-1").lstrip("\xef\xbb\xbf \t\r\n")
    except OSError:
        return ""
