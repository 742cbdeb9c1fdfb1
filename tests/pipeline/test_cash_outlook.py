"""What an office's outlook brings to its page: labels that nothing classifies, scenarios that say what they are."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.pipeline.changed_office import ChangedOffice
from workbench import cash, store
from workbench.pipeline.cash_outlook import outlook_of
from workbench.pipeline.flow_history import classified_lines

AS_OF = date(2022, 6, 30)


@pytest.fixture(scope="module")
def found(small_office: store.Office) -> cash.Outlook:
    return outlook_of(small_office, AS_OF, small_office["forecasts"], receivables=False)


def test_the_page_shows_every_line_that_no_rule_takes(found: cash.Outlook, small_office: store.Office) -> None:
    lines = classified_lines(small_office, AS_OF)
    left = lines[(lines["line_code"] == "unclassified") & (lines["currency_code"] == "MAD")]
    shown = found.beside.unclassified
    assert (len(left), left["amount_centimes"].sum()) == (
        shown["line_count"].sum() if len(shown) else 0,
        shown["amount_centimes"].sum() if len(shown) else 0,
    )
    assert ("unclassified" in cash.plan_tables(found)) == bool(len(left))


def test_an_illustrative_scenario_is_called_so_wherever_it_is_named(found: cash.Outlook) -> None:
    labels, steps = found.beside.scenario_labels, found.beside.scenario_steps
    natures = steps.set_index("scenario_code")["nature_code"]
    assert set(natures) == {"illustrative"}
    assert all(labels[code]["fr"].endswith("(illustratif)") for code in natures.index)
    assert all(labels[code]["en"].endswith("(illustrative)") for code in natures.index)
    english = found.names("en")["source"]
    assert all(english[source].startswith("Assumption of the workbench") for source in steps["source"])


def test_who_feeds_an_account_is_read_in_its_own_transfers(found: cash.Outlook, small_office: store.Office) -> None:
    own = classified_lines(small_office, AS_OF).query("line_code == 'own_transfer'")
    assert found.beside.sweeps["account_number"].isin(own["account_number"]).all()
    assert {"fed", "emptied"} <= set(found.beside.sweeps["sweep_code"])
    low = cash.plan_tables(found)["low_accounts"]
    assert set(low["feeding_code"]) <= {"sweep", "person"}
    asked = dict(cash.plan_facts(found)).get("decide_feed")
    assert (0 if asked is None else asked.value) <= int((low["feeding_code"] == "person").sum()) < len(low)


def test_a_page_whose_plan_the_log_holds_bears_its_name(found: cash.Outlook, small_office: store.Office) -> None:
    assert found.beside.logged_id is None  # the log is empty
    assert cash.plan_findings(found)["logged_id"] is None
    office: Any = ChangedOffice(
        small_office, {"forecasts": cash.log_rows(found.plan, datetime(2022, 7, 1, tzinfo=UTC))}
    )
    office.data_import_id, office.folder = small_office.data_import_id, small_office.folder
    again = outlook_of(office, AS_OF, office["forecasts"], receivables=False)
    assert cash.plan_findings(again)["logged_id"] == again.plan.plan_id == found.plan.plan_id
    other = outlook_of(office, date(2022, 6, 29), office["forecasts"], receivables=False)
    assert other.beside.logged_id is None
