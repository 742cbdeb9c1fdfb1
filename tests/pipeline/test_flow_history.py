"""Mirrors pipeline/flow_history.py: the rules of the reference folder on the made-up banks, in all four formats."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from workbench import banking, cash, store
from workbench.demo import make_office
from workbench.intake.profiles import load_profiles
from workbench.pipeline.flow_history import classified_lines, new_labels
from workbench.pipeline.importing import import_files
from workbench.standards import load_bank_days

PROJECT = Path(__file__).resolve().parents[2]
AS_OF = date(2022, 6, 30)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> store.Office:
    folder = tmp_path_factory.mktemp("lines") / "office"
    make_office(folder, customers=150, months=6, seed=1)
    import_files(folder, sorted((folder / "inbox").iterdir()), load_profiles(PROJECT / "data" / "profiles"), "test")
    return store.open_office(folder)


@pytest.fixture(scope="module")
def found(office: store.Office) -> pd.DataFrame:
    return classified_lines(office, AS_OF)


def test_rules_take_nearly_every_amount_of_every_format(found: pd.DataFrame) -> None:
    sizes = found.assign(size=found["amount_centimes"].abs(), is_open=found["line_code"] == "unclassified")
    by_format = sizes.groupby("format_code")["size"].sum()
    assert set(by_format.index) == {"cfonb120", "mt940", "camt053", "multicash"}
    left = sizes[sizes["is_open"]].groupby("format_code")["size"].sum().reindex(by_format.index, fill_value=0)
    assert (left / by_format <= 0.005).all()


def test_what_is_left_are_legs_whose_partner_s_statement_is_missing(found: pd.DataFrame) -> None:
    left = found[found["line_code"] == "unclassified"]
    assert len(left)
    assert left["label"].str.startswith("NIVELLEMENT").all()


def test_every_line_of_the_plan_that_the_made_up_office_has_is_there(found: pd.DataFrame) -> None:
    signs = found.groupby("line_code")["amount_centimes"].sum().gt(0)
    received = {"receipts_counters", "receipts_electronic", "receipts_bulk", "receipts_public", "receipts_other"}
    assert received <= set(signs[signs].index)
    assert {"energy", "payroll", "suppliers", "taxes", "bank_charges", "debt_service"} <= set(signs[~signs].index)
    treasury = found[found["account_number"].str.startswith("310") & (found["amount_centimes"] > 0)]
    assert set(treasury["line_code"]) <= {"receipts_public", "works", "contributions"}
    assert set(found.loc[found["currency_code"] != "MAD", "line_code"]) == {"suppliers", "exchange"}


def test_nothing_is_lost_between_the_statements_and_the_flows(office: store.Office, found: pd.DataFrame) -> None:
    names = (office["account_aliases"], office["bank_accounts"])
    resolved = (banking.resolve(office[name], *names, lazy=True) for name in ("statement_days", "bank_transactions"))
    tied = cash.lines_tie(found, cash.balance_steps(*resolved, as_of=AS_OF))
    assert tied["difference_centimes"].eq(0).all()
    assert tied["own_transfer_centimes"].sum() == 0
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=AS_OF)
    flows = [make(found, accounts, load_bank_days(), AS_OF) for make in (cash.daily_flows, cash.flows_on_their_way)]
    total = sum(int(part["amount_centimes"].sum()) for part in flows)
    assert total == int(tied[["classified_centimes", "unclassified_centimes"]].sum().sum())
    assert all(part["directorate_code"].notna().all() for part in flows)


def test_new_labels_are_those_of_the_lines_left(office: store.Office, found: pd.DataFrame) -> None:
    listed = new_labels(office, AS_OF)
    assert listed["line_count"].sum() == (found["line_code"] == "unclassified").sum()
    without = new_labels(office, AS_OF, [rule for rule in cash.load_rules() if rule.rule_id != "cash"])
    (cash_label,) = without[without["label_shape"].str.startswith("VERSEMENT") & (without["format_code"] == "mt940")].to_dict("records")  # fmt: skip
    assert cash_label["suggested_line_code"] is not None
