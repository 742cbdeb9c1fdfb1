"""Accounts of the office: under which number a line counts, and where in the office its account stands."""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function

HEAD_OFFICE = "head_office"  # in the place of a directorate: accounts of the office itself
LEVELS = 3  # center < agency < directorate: steps up from any unit to its directorate


@table_function
def resolve(
    table: nw.LazyFrame[Any], account_aliases: nw.LazyFrame[Any], bank_accounts: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """Add `account_number` and `is_registered` to lines or days of statements.

    Parameters
    ----------
    table
        `bank_transactions`, `statement_days` or `statements`: `format_code`, `account_identifier` and `day_date` (else `closing_date`)
        are read.
    account_aliases, bank_accounts
        The register of accounts, with the names that formats give to them.

    Returns
    -------
    The table with two more columns. An identifier that no alias valid on `day_date` knows, or that two know, counts under its own
    name; `is_registered` says whether the number stands in the register. The first alias of an identifier counts before its date
    too: the register says since when it knows the name, and nobody else bore it before.
    """
    day = "day_date" if "day_date" in table.columns else "closing_date"
    keys = ["format_code", "account_identifier", day]
    name = keys[:2]
    first = account_aliases.group_by(*name).agg(first_date=nw.col("valid_from_date").min())
    known = (
        table.select(*keys)
        .unique()
        .join(account_aliases.join(first, on=name, how="inner"), on=name, how="inner")
        .filter(
            (nw.col(day) >= nw.col("valid_from_date")) | (nw.col("valid_from_date") == nw.col("first_date")),
            nw.col("valid_to_date").is_null() | (nw.col(day) <= nw.col("valid_to_date")),
        )
        .group_by(*keys)
        .agg(alias_number=nw.col("account_number").min(), other_number=nw.col("account_number").max())
        .filter(nw.col("alias_number") == nw.col("other_number"))
        .select(*keys, "alias_number")
    )
    registered = bank_accounts.select("account_number").unique().with_columns(is_registered=nw.lit(True))
    return (
        table.join(known, on=keys, how="left")
        .with_columns(account_number=nw.coalesce("alias_number", "account_identifier"))
        .drop("alias_number")
        .join(registered, on="account_number", how="left")
        .with_columns(is_registered=nw.col("is_registered").fill_null(False))
    )


@table_function
def describe(bank_accounts: nw.LazyFrame[Any], units: nw.LazyFrame[Any], as_of: date) -> nw.LazyFrame[Any]:
    """Accounts opened by a date, with the directorate each belonged to on that date; those closed since stay, with their `closed_date`.

    Returns the columns of `bank_accounts` and `directorate_code`: the directorate at or above the account's unit; `HEAD_OFFICE`
    where the account belongs to the office itself, null where its unit is not in the register on `as_of`.
    """
    valid = units.filter(_holds_on(as_of)).select("unit_code", "unit_level_code", "parent_unit_code")
    opened = nw.col("opened_date")
    climbing = bank_accounts.filter(opened.is_null() | (opened <= as_of)).with_columns(
        here=nw.col("unit_code"), directorate_code=nw.lit(None, dtype=nw.String)
    )
    for _ in range(LEVELS):
        step = valid.select(here="unit_code", level="unit_level_code", above="parent_unit_code")
        climbing = (
            climbing.join(step, on="here", how="left")
            .with_columns(
                directorate_code=nw.when(nw.col("level") == "directorate")
                .then(nw.col("here"))
                .when((nw.col("level") == "office") & nw.col("directorate_code").is_null())
                .then(nw.lit(HEAD_OFFICE))
                .otherwise(nw.col("directorate_code"))
            )
            .with_columns(here=nw.col("above"))
            .drop("level", "above")
        )
    return climbing.drop("here").sort("account_number")


def _holds_on(as_of: date) -> nw.Expr:
    ends = nw.col("valid_to_date")
    return (nw.col("valid_from_date") <= as_of) & (ends.is_null() | (ends >= as_of))
