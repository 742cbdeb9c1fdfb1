"""Every table of the store: columns, key, grain, source, and whether it holds a person's data. Types come from `columns`."""

from dataclasses import dataclass

import pyarrow as pa

from workbench.errors import SchemaError
from workbench.schemas.columns import COLUMNS


@dataclass(frozen=True)
class Table:
    """A table as declared. `key` identifies a row; `optional` columns may be null, every other one may not."""

    name: str
    grain: str
    source: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    optional: frozenset[str]
    is_register: bool = False  # a reference table: imported rows replace the rows of the same key
    is_personal: bool = False
    is_own: bool = False  # written by the house alone, from what it has proven or done: no file fills it
    version: str = ""  # the date of a row's version: an older version that comes later does not count

    @property
    def is_of_events(self) -> bool:
        """Whether a row is something that happened: a later delivery may complete it, never contradict it."""
        return not (self.is_register or self.is_own or self.version)

    @property
    def arrow(self) -> pa.Schema:
        """The Arrow schema: what the table is created from and read as."""
        return pa.schema([pa.field(name, COLUMNS[name].type) for name in self.columns])


def _table(
    name: str,
    grain: str,
    source: str,
    key: str,
    columns: str,
    register: bool = False,
    personal: bool = False,
    own: bool = False,
    version: str = "",
) -> Table:
    # In `columns`, a name that ends with ? may be null.
    names = columns.split()
    optional = frozenset(name[:-1] for name in names if name.endswith("?"))
    plain = tuple(name.rstrip("?") for name in names)
    return Table(name, grain, source, plain, tuple(key.split()), optional, register, personal, own, version)


_ALL = (
    _table(
        "units",
        "a unit in a period of validity",
        "organisation register (XLSX)",
        "unit_code valid_from_date",
        "unit_code unit_level_code parent_unit_code? unit_name valid_from_date valid_to_date?",
        register=True,
    ),
    _table(
        "customers",
        "a customer in a period of validity of its segment and centre",
        "commercial system (CSV)",
        "customer_code valid_from_date",
        "customer_code customer_name? segment_code center_code valid_from_date valid_to_date?",
        register=True,
        personal=True,
    ),
    _table(
        "invoices",
        "a bill, or the rest of one",
        "commercial system (CSV), SAP",
        "invoice_id",
        "invoice_id customer_code center_code segment_code? service_code issue_date due_date? amount_ttc_centimes amount_ht_centimes? currency_code "
        "source_invoice_id? cancelled_date?",
    ),
    _table(
        "payments",
        "a receipt",
        "commercial system (CSV)",
        "payment_id",
        "payment_id customer_code? center_code? receipt_date channel_code amount_centimes currency_code bounced_date? reference?",
    ),
    _table(
        "allocations",
        "part of a receipt counted on a bill",
        "commercial system (CSV)",
        "allocation_id",
        "allocation_id payment_id invoice_id allocation_date amount_centimes currency_code",
    ),
    _table(
        "credit_notes",
        "a credit note or relief",
        "commercial system (CSV)",
        "credit_note_id",
        "credit_note_id invoice_id? customer_code credit_kind_code credit_date amount_ttc_centimes amount_ht_centimes? currency_code",
    ),
    _table(
        "write_offs",
        "an amount admitted en non-valeur",
        "commercial system (CSV)",
        "write_off_id",
        "write_off_id invoice_id write_off_date amount_centimes currency_code",
    ),
    _table(
        "disputes",
        "a dispute on a bill",
        "commercial system (CSV)",
        "dispute_id",
        "dispute_id invoice_id opened_date closed_date?",
        register=True,
    ),
    _table(
        "enforcement_steps",
        "a step taken against a customer to be paid, on one bill or on all it owed that day",
        "register of enforcement (XLSX)",
        "step_id",
        "step_id customer_code invoice_id? step_code opened_date closed_date? reference?",
        register=True,
        personal=True,
    ),
    _table(
        "provisions",
        "the allowance on a bill in the books at a closing",
        "register of provisions (XLSX)",
        "invoice_id provision_date",
        "invoice_id provision_date allowance_centimes currency_code",
        register=True,
    ),
    _table(
        "allowance_decisions",
        "the part to set aside on a bill, as a person decided it",
        "register of decisions (XLSX)",
        "invoice_id decided_date",
        "invoice_id decided_date allowance_share entered_by note",
        register=True,
    ),
    _table(
        "ledger_entries",
        "a line of an accounting document",
        "SAP FBL5N (customers), FBL3N (general ledger)",
        "company_code fiscal_year document_number document_line",
        "company_code fiscal_year document_number document_line account_code? customer_code? document_type_code? posting_key? special_ledger_code? "
        "document_date? posting_date due_date? clearing_date? clearing_document? amount_centimes currency_code assignment? reference? label? "
        "source_document_number? source_fiscal_year? source_document_line? reversal_document? tax_code? center_code? extract_date? extract_scope_code?",
        version="extract_date",
    ),
    _table(
        "bank_accounts",
        "a bank account of the office",
        "register of accounts (XLSX)",
        "account_number",
        "account_number account_label bank_code bank_name? unit_code role_code currency_code opened_date closed_date? floor_centimes? "
        "overdraft_limit_centimes? statement_lag_days? ledger_account_code?",
        register=True,
    ),
    _table(
        "account_aliases",
        "a name that a format gives to an account, in a period",
        "register of accounts (XLSX)",
        "format_code account_identifier valid_from_date account_number",
        "format_code account_identifier account_number valid_from_date valid_to_date?",
        register=True,
    ),
    _table(
        "statements",
        "a statement, as proven and booked",
        "banks",
        "statement_id",
        "statement_id format_code account_identifier currency_code statement_number? opening_date? closing_date? opening_centimes? closing_centimes? "
        "movement_count statement_status_code proof_code difference_centimes? actor? note? file_name file_sha256 import_id",
        own=True,
    ),
    _table(
        "statement_days",
        "a day of an account, as booked",
        "banks",
        "account_identifier currency_code day_date day_version",
        "account_identifier format_code currency_code day_date day_version opening_centimes? closing_centimes? movement_count statement_id is_superseded import_id",
        own=True,
    ),
    _table(
        "bank_transactions",
        "a line of a statement",
        "banks",
        "account_identifier currency_code day_date day_version day_rank is_interim statement_id",
        "account_identifier format_code currency_code day_date day_version day_rank booking_date value_date amount_centimes operation_code? label? "
        "reference? counterparty? details? is_interim is_superseded statement_id import_id",
        personal=True,
        own=True,
    ),
    _table(
        "planned_flows",
        "a flow announced and not yet on the account",
        "registers of orders, cheques, deposits, maturities (XLSX)",
        "flow_id",
        "flow_id account_number flow_kind_code certainty_code issued_date? expected_date settled_date? amount_centimes currency_code counterparty? reference?",
        register=True,
    ),
    _table(
        "typed_balances",
        "a balance typed by hand, unproven",
        "register (XLSX)",
        "account_number balance_date",
        "account_number balance_date balance_centimes currency_code entered_by entered_at",
        register=True,
    ),
    _table(
        "loans",
        "an instalment of a loan",
        "register of loans (XLSX)",
        "loan_id due_date",
        "loan_id lender due_date principal_centimes interest_centimes account_number currency_code signed_date? paid_date? day_rule_code? rate_kind_code?",
        register=True,
    ),
    _table(
        "payment_calendar",
        "a payment due by a calendar: payroll, VAT, other taxes",
        "register of calendars (XLSX)",
        "obligation_id",
        "obligation_id line_code due_date account_number amount_centimes? currency_code issued_date? paid_date? counterparty? day_rule_code?",
        register=True,
    ),
    _table(
        "suppliers_due",
        "an item of a supplier",
        "SAP FBL1N",
        "company_code fiscal_year document_number document_line",
        "company_code fiscal_year document_number document_line supplier_code supplier_name? document_type_code? document_date? posting_date? due_date? "
        "clearing_date? clearing_document? amount_centimes currency_code payment_block_code? reference? label? center_code? extract_date? extract_scope_code?",
        version="extract_date",
    ),
    _table(
        "placements",
        "a placement of cash",
        "register of placements (XLSX)",
        "placement_id",
        "placement_id instrument_code counterparty account_number start_date maturity_date? principal_centimes interest_centimes? currency_code closed_date? day_rule_code?",
        register=True,
    ),
    _table(
        "payment_plans",
        "an instalment that a customer agreed to pay",
        "register of payment plans (XLSX)",
        "plan_id due_date",
        "plan_id customer_code segment_code? signed_date? due_date amount_centimes currency_code paid_date? broken_date?",
        register=True,
        personal=True,
    ),
    _table(
        "agreements",
        "an instalment called under a signed agreement",
        "register of agreements (XLSX)",
        "agreement_id due_date",
        "agreement_id counterparty signed_date due_date amount_centimes currency_code account_number? line_code? paid_date?",
        register=True,
    ),
    _table(
        "credit_lines",
        "a credit line, as it stood on a day",
        "register of credit lines (XLSX)",
        "credit_line_id balance_date",
        "credit_line_id bank_code balance_date limit_centimes drawn_centimes currency_code valid_to_date?",
        register=True,
    ),
    _table(
        "budgets",
        "a month of a line of the cash plan",
        "budget (XLSX)",
        "line_code month_date",
        "line_code month_date budget_centimes currency_code",
        register=True,
    ),
    _table(
        "overrides",
        "an amount that a person adds to the cash plan on a day",
        "register of overrides (XLSX)",
        "override_id",
        "override_id entered_by entered_at line_code account_number target_date amount_centimes currency_code note",
        register=True,
    ),
    _table(
        "forecasts",
        "an amount that a logged cash plan said of a line and day, week, month or total",
        "the house: `workbench plan`",
        "plan_id line_code period_code target_date",
        "plan_id origin_date made_at known_import_id is_made_again line_code currency_code period_code target_date horizon_days known_centimes estimated_centimes "
        "override_centimes plan_centimes mean_mad median_mad q025_mad q10_mad q90_mad q975_mad naive_mad? model_name reason_code entered_by? note? "
        "told_median_mad? told_q025_mad? told_q10_mad? told_q90_mad? told_q975_mad? is_try?",
        own=True,
    ),
    _table(
        "account_forecasts",
        "an amount that a logged cash plan said of an account, line and day, week, month or total",
        "the house: `workbench plan`",
        "plan_id account_number line_code period_code target_date",
        "plan_id origin_date currency_code account_number directorate_code? is_told line_code period_code target_date horizon_days override_centimes plan_centimes "
        "median_mad? q025_mad? q10_mad? q90_mad? q975_mad? naive_mad?",
        own=True,
    ),
    _table(
        "position_forecasts",
        "a balance that a logged cash plan said of an account, or of all, at the end of a week",
        "the house: `workbench plan`",
        "plan_id account_number target_date",
        "plan_id origin_date currency_code account_number is_told target_date horizon_days value_centimes median_mad q025_mad q10_mad q90_mad q975_mad "
        "told_median_mad? told_q025_mad? told_q10_mad? told_q90_mad? told_q975_mad?",
        own=True,
    ),
    _table(
        "targets",
        "a target of an indicator, for a unit and segment, from a date",
        "register of targets (XLSX)",
        "indicator_code unit_code segment_code valid_from_date",
        "indicator_code unit_code? segment_code? target_value alert_value? valid_from_date",
        register=True,
    ),
    _table(
        "imports",
        "a commit of the store: it alone decides what is there",
        "the store",
        "import_id",
        "import_id imported_at import_kind_code actor note? table_versions row_counts",
        own=True,
    ),
    _table(
        "import_files",
        "a file of an import",
        "the store",
        "import_id file_name",
        "import_id file_name file_sha256 profile_name format_code? file_status_code row_count problem_count",
        own=True,
    ),
    _table(
        "problems",
        "a problem met when reading or booking",
        "the store",
        "import_id problem_code file_name line_number table_name column_name row_key",
        "import_id problem_code severity_code file_name? line_number? table_name? column_name? row_key? message_fr message_en remedy_fr remedy_en",
        own=True,
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

# What a bank reader hands over before anything is booked; never kept in the store.
READINGS: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "read_statements",
            "a statement or page, as one file holds it",
            "a bank reader",
            "statement_index",
            "statement_index line_number format_code account_identifier currency_code statement_number? page_number? is_last_page? is_interim "
            "opening_date? opening_centimes? closing_date? closing_centimes? movement_count proof_code difference_centimes?",
        ),
        _table(
            "read_lines",
            "a line of a statement, as one file holds it",
            "a bank reader",
            "statement_index line_number",
            "statement_index line_number booking_date? value_date? amount_centimes operation_code? label? reference? counterparty? details?",
        ),
    )
}


def table(name: str) -> Table:
    """The declaration of a table; `SchemaError` names the tables there are."""
    try:
        return TABLES.get(name) or READINGS[name]
    except KeyError:
        raise SchemaError(f"no table is called {name!r}", remedy="tables: " + ", ".join(sorted(TABLES))) from None
