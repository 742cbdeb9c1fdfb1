"""Mirrors demo/bank_files.py, camt_files.py and multicash_files.py: each format is read back line by line, on many pages too."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.demo.conftest import PROFILES
from workbench.demo.accounts import Account, accounts_of
from workbench.demo.bank_files import Line, Statement
from workbench.demo.bank_kinds import KINDS, K
from workbench.demo.office import WRITERS
from workbench.intake.pages import joined, statements_of
from workbench.intake.profiles import profile_for
from workbench.intake.reading import read_file

FIRST, LAST = date(2022, 12, 1), date(2022, 12, 31)
BANK_OF = {"cfonb120": "007", "mt940": "011", "camt053": "013", "multicash": "021"}


def statement(form: str, count: int, off: int = 0) -> Statement:
    account = next(a for a in accounts_of(300_000_000) if a.bank_code == BANK_OF[form] and a.currency == "MAD")
    lines = [
        Line(
            FIRST + timedelta(days=n % 31),
            FIRST + timedelta(days=n % 31 + 2),
            (-1) ** n * (1_234_567 + n),
            KINDS[K["transfer"]],
            f"VIR RECU CLIENT {n:08d}",
            f"R{n:012d}",
            f"CLIENT {n:08d}",
        )
        for n in range(count)
    ]
    lines.sort(key=lambda line: line.booking)
    opening = -98_765
    return Statement(account, 11, FIRST, LAST, opening, opening + sum(line.amount for line in lines) + off, lines)


@pytest.mark.parametrize("form", sorted(WRITERS))
@pytest.mark.parametrize("count", [0, 1, 95])
def test_a_statement_is_read_back_as_written(form: str, count: int, tmp_path: Path) -> None:
    written = statement(form, count)
    paths = []
    for name, content in WRITERS[form](written):
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    profile = profile_for(paths[0], PROFILES)
    found = read_file(paths[0], profile)
    assert found.problems == []
    whole, held = joined(statements_of(paths[0].name, "", found.tables["read_statements"], found.tables["read_lines"]))
    assert held == []
    (one,) = whole
    assert one.proof_code == "proven"
    assert (one.opening_centimes, one.closing_centimes) == (written.opening, written.closing)
    assert (one.closing_date, one.currency_code, one.format_code) == (LAST, "MAD", form)
    assert one.account_identifier == identifier(written.account)
    read = [
        (line.booking_date, line.value_date, line.amount_centimes, line.label, line.reference) for line in one.lines
    ]
    label = (lambda text: text[:27]) if form == "multicash" else (lambda text: text)
    assert read == [(li.booking, li.value, li.amount, label(li.label), li.reference) for li in written.lines]


def identifier(account: Account) -> str:
    return "-".join(account.cfonb) if account.format == "cfonb120" else account.rib


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_a_closing_that_is_off_is_read_as_off(form: str, tmp_path: Path) -> None:
    for name, content in WRITERS[form](statement(form, 50, off=1)):
        (tmp_path / name).write_bytes(content)
    path = min(tmp_path.iterdir())
    found = read_file(path, profile_for(path, PROFILES)).tables["read_statements"].to_pylist()
    assert [row["difference_centimes"] for row in found][-1] == 1
    assert found[-1]["proof_code"] == "unbalanced"
