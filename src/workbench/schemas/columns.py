"""Every column once: name, type, label in two languages, meaning, and what it must not be confused with.

One column, one meaning, one name, everywhere. The suffix says the unit: `_centimes` hundredths of the row's `currency_code`,
`_mad` an estimate in dirhams, `_date` a civil date, `_at` an instant in UTC, `_days`, `_rate` a fraction a year, `_share` 0 to 1,
`_code` a code, `is_` a truth. Labels are what pages and workbooks print.
"""

from dataclasses import dataclass, field

import pyarrow as pa

TEXT, CENTIMES, COUNT, NUMBER = pa.string(), pa.int64(), pa.int64(), pa.float64()
DATE, INSTANT, TRUTH = pa.date32(), pa.timestamp("us", "UTC"), pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column of the house. `codes` lists the values allowed, where the list is closed: another one stops an import."""

    name: str
    type: pa.DataType
    label_fr: str
    label_en: str
    meaning: str
    not_confused_with: str = ""
    codes: tuple[str, ...] = field(default=())


SEGMENTS = ("household", "business", "state", "municipality", "utility_board", "regional_utility")
KEY_ACCOUNTS = ("state", "municipality", "utility_board", "regional_utility")
CHANNELS = ("cash", "operator", "electronic", "cheque", "direct_debit", "transfer", "prepaid_stamp", "compensation")
NO_CASH_CHANNELS = ("prepaid_stamp", "compensation")
# what the register of targets may set, for the whole office, a unit or a segment
INDICATORS = (
    "collection_rate_current",
    "collection_rate_arrears",
    "collection_rate_global",
    "unpaid_share",
    "mean_age_days",
    "reject_share",
    "value_position",
)
FORMATS = ("cfonb120", "mt940", "mt942", "camt053", "camt052", "multicash", "tabular", "typed")

# A column a line, as a table.
# fmt: off
_ALL = (
    # who and where
    Column("unit_code", TEXT, "Unité", "Unit", "Centre, agency, directorate or the office itself"),
    Column("unit_level_code", TEXT, "Niveau", "Level", "Rank of a unit", codes=("center", "agency", "directorate", "office")),
    Column("parent_unit_code", TEXT, "Unité mère", "Parent unit", "Unit just above, in the validity of the row"),
    Column("unit_name", TEXT, "Nom de l'unité", "Unit name", "Name as printed"),
    Column("center_code", TEXT, "Centre", "Centre", "Centre that bills and collects"),
    Column("agency_code", TEXT, "Agence", "Agency", "Agency of the centre on the date asked"),
    Column("directorate_code", TEXT, "Direction", "Directorate", "Regional directorate on the date asked"),
    Column("valid_from_date", DATE, "Valable du", "Valid from", "First day on which the row holds"),
    Column("valid_to_date", DATE, "Valable au", "Valid to", "Last day on which the row holds; empty: still holds"),
    Column("company_code", TEXT, "Société", "Company code", "SAP company code (BUKRS)"),
    # customers and their bills
    Column("customer_code", TEXT, "Client", "Customer", "Customer account number, leading zeros kept", "contract, meter"),
    Column("customer_name", TEXT, "Nom du client", "Customer name", "Name as the commercial system holds it"),
    Column("segment_code", TEXT, "Catégorie", "Segment", "Kind of customer on the date of the row", "utility_board is a bulk customer (régie autonome), never a cash office", SEGMENTS),
    Column("invoice_id", TEXT, "Facture", "Invoice", "Number of the bill; unique in the office"),
    Column("source_invoice_id", TEXT, "Facture d'origine", "Source invoice", "Bill whose rest this item is, after a part payment: its age counts"),
    Column("service_code", TEXT, "Prestation", "Service", "What was billed", codes=("water", "sanitation", "bulk_water", "works", "contribution", "ancillary")),
    Column("issue_date", DATE, "Date de facture", "Issue date", "Day the bill was issued; its year is the year of origin", "due_date"),
    Column("due_date", DATE, "Échéance", "Due date", "Last day to pay without being late; may be missing"),
    Column("cancelled_date", DATE, "Annulée le", "Cancelled on", "Day the bill was cancelled; empty: it stands"),
    Column("amount_ttc_centimes", CENTIMES, "Montant TTC", "Amount incl. VAT", "Amount with tax"),
    Column("amount_ht_centimes", CENTIMES, "Montant HT", "Amount excl. VAT", "Amount before tax"),
    Column("amount_centimes", CENTIMES, "Montant", "Amount", "Amount of the row; receipts positive, disbursements negative"),
    Column("currency_code", TEXT, "Devise", "Currency", "ISO 4217 code; amounts of two currencies are never added"),
    # what came in
    Column("payment_id", TEXT, "Règlement", "Payment", "Number of the receipt"),
    Column("receipt_date", DATE, "Reçu le", "Received on", "Day the customer paid", "booking_date, value_date"),
    Column("channel_code", TEXT, "Canal", "Channel", "How it was paid; stamps and compensations are no cash", codes=CHANNELS),
    Column("bounced_date", DATE, "Rejeté le", "Bounced on", "Day the cheque or debit came back: from then on it is no receipt"),
    Column("allocation_id", TEXT, "Affectation", "Allocation", "Number of the link between a payment and a bill"),
    Column("allocation_date", DATE, "Affecté le", "Allocated on", "Day from which the payment is counted on the bill"),
    Column("credit_note_id", TEXT, "Avoir", "Credit note", "Number of the credit note or relief"),
    Column("credit_date", DATE, "Date d'avoir", "Credit date", "Day of the credit note or relief"),
    Column("credit_kind_code", TEXT, "Nature d'avoir", "Credit kind", "Credit note (avoir) or bill relief (dégrèvement)", codes=("credit_note", "relief")),
    Column("write_off_id", TEXT, "Non-valeur", "Write-off", "Number of the admission en non-valeur"),
    Column("write_off_date", DATE, "Date de non-valeur", "Write-off date", "Day the claim was written off"),
    Column("dispute_id", TEXT, "Litige", "Dispute", "Number of the dispute"),
    Column("opened_date", DATE, "Ouvert le", "Opened on", "Day it was opened"),
    Column("closed_date", DATE, "Clos le", "Closed on", "Day it was closed; empty: still open"),
    # banks
    Column("account_number", TEXT, "Compte", "Account", "RIB of the account, or the name under which an unregistered one is booked"),
    Column("account_label", TEXT, "Intitulé", "Account label", "Short name used on pages"),
    Column("account_identifier", TEXT, "Identifiant lu", "Identifier read", "Account as the file wrote it", "account_number, which an alias makes of it"),
    Column("format_code", TEXT, "Format", "Format", "Format of the file", codes=FORMATS),
    Column("bank_code", TEXT, "Banque", "Bank", "Three digits of the bank in the RIB"),
    Column("bank_name", TEXT, "Nom de la banque", "Bank name", "Name as printed"),
    Column("role_code", TEXT, "Rôle", "Role", "What the account is for", codes=("receipts", "disbursements", "central", "foreign_currency", "treasury")),
    Column("floor_centimes", CENTIMES, "Plancher", "Floor", "Credit balance to leave on the account"),
    Column("overdraft_limit_centimes", CENTIMES, "Ligne", "Overdraft limit", "Debit allowed, as a positive amount"),
    Column("statement_lag_days", COUNT, "Délai de relevé", "Statement lag", "Bank days after which a missing statement makes the account stale"),
    Column("ledger_account_code", TEXT, "Compte général", "Ledger account", "Account of the general ledger (514…)"),
    Column("statement_id", TEXT, "Relevé", "Statement", "Statement that brought the row"),
    Column("statement_number", TEXT, "N° de relevé", "Statement number", "Number the bank gave"),
    Column("statement_status_code", TEXT, "État du relevé", "Statement status", "What the import did with it", codes=("booked", "unchanged", "extended", "interim", "held", "refused")),
    Column("opening_date", DATE, "Date d'ouverture", "Opening date", "Date of the opening balance, as the bank states it"),
    Column("closing_date", DATE, "Date de clôture", "Closing date", "Date of the closing balance, as the bank states it"),
    Column("opening_centimes", CENTIMES, "Solde initial", "Opening balance", "Balance before the movements"),
    Column("closing_centimes", CENTIMES, "Solde final", "Closing balance", "Balance after the movements"),
    Column("movement_count", COUNT, "Mouvements", "Movements", "Number of lines"),
    Column("page_number", COUNT, "Page", "Page", "Page of a statement sent in parts"),
    Column("is_last_page", TRUTH, "Dernière page", "Last page", "Whether the closing balance is final (62F, LastPgInd)"),
    Column("is_interim", TRUTH, "Intrajournalier", "Interim", "Intraday report (MT942, camt.052): never in the ledger"),
    Column("statement_index", COUNT, "Rang du relevé", "Statement index", "Rank of the statement in its file, from 0"),
    Column("line_number", COUNT, "Ligne", "Line", "Line of the file, from 1"),
    Column("proof_code", TEXT, "Preuve", "Proof", "Whether opening + movements = closing", codes=("proven", "unbalanced", "no_balances", "broken")),
    Column("difference_centimes", CENTIMES, "Écart", "Difference", "Closing − opening − movements"),
    Column("day_date", DATE, "Jour", "Day", "Day of the statement on which the line counts", "booking_date, which the line keeps"),
    Column("day_rank", COUNT, "Rang dans le jour", "Rank in the day", "Rank among the canonical lines of the account's day"),
    Column("day_version", COUNT, "Version du jour", "Day version", "1 for the first booking of the day, more where it was extended or replaced"),
    Column("is_superseded", TRUTH, "Remplacé", "Superseded", "Whether a later version of the day replaced this row; kept, never counted"),
    Column("booking_date", DATE, "Date d'opération", "Booking date", "Day the bank booked the line", "value_date"),
    Column("value_date", DATE, "Date de valeur", "Value date", "Day from which the bank counts interest"),
    Column("operation_code", TEXT, "Code opération", "Operation code", "Bank's code of the kind of operation"),
    Column("label", TEXT, "Libellé", "Label", "Text of the line"),
    Column("reference", TEXT, "Référence", "Reference", "Reference of the document or order"),
    Column("counterparty", TEXT, "Contrepartie", "Counterparty", "Other party, as written"),
    Column("details", TEXT, "Détails", "Details", "Further text, lines joined by a line break"),
    Column("flow_id", TEXT, "Flux", "Flow", "Number of a flow announced"),
    Column("flow_kind_code", TEXT, "Nature", "Flow kind", "What is expected", codes=("order_issued", "cheque_issued", "deposit_in_course", "maturity", "planned")),
    Column("certainty_code", TEXT, "Certitude", "Certainty", "How sure the flow is", codes=("certain", "announced", "estimated")),
    Column("issued_date", DATE, "Émis le", "Issued on", "Day the order, cheque or deposit left the office"),
    Column("expected_date", DATE, "Attendu le", "Expected on", "Value date expected"),
    Column("settled_date", DATE, "Dénoué le", "Settled on", "Day the flow appeared on the account; empty: still in course"),
    Column("balance_date", DATE, "Date du solde", "Balance date", "Day of a balance typed by hand"),
    Column("balance_centimes", CENTIMES, "Solde", "Balance", "Balance stated"),
    Column("entered_by", TEXT, "Saisi par", "Entered by", "Who typed it"),
    Column("entered_at", INSTANT, "Saisi le", "Entered at", "When it was typed"),
    # cash positions
    Column("booked_centimes", CENTIMES, "Solde en banque", "Booked balance", "Closing balance of the last proven day of an account, carried to the day", "value_centimes"),
    Column("value_centimes", CENTIMES, "Position en valeur", "Balance in value", "Balance that counts each line from its value date on", "booked_centimes"),
    Column("entered_centimes", CENTIMES, "Solde entrant", "Entering balance", "Opening balance of an account on its first day known"),
    Column("flow_centimes", CENTIMES, "Flux", "Flow", "Sum of the lines or flows of the day"),
    Column("gap_centimes", CENTIMES, "Écart sans ligne", "Unexplained change", "Change of the booked balance that no line explains: a missing statement", "flow_centimes"),
    Column("account_count", COUNT, "Comptes", "Accounts", "Number of accounts"),
    Column("statement_count", COUNT, "Relevés", "Statements", "Statements that hold the day"),
    Column("statement_date", DATE, "Dernier relevé", "Last statement", "Last day that a statement with a balance holds"),
    Column("late_days", COUNT, "Jours depuis le relevé", "Days since statement", "Bank days since the last statement"),
    Column("allowed_days", COUNT, "Jours admis", "Days allowed", "Bank days after which the statement is stale"),
    Column("state_code", TEXT, "État", "State", "How far the account is proven", codes=("proven", "stale", "missing")),
    Column("is_registered", TRUTH, "Enregistré", "Registered", "Whether the register of accounts holds the account"),
    Column("pair_code", TEXT, "Virement interne", "Own transfer", "Whether the line is a leg of a transfer between own accounts", codes=("paired", "probable", "unpaired")),
    Column("pair_number", COUNT, "N° de paire", "Pair", "Same number for both legs of an own transfer"),
    Column("receipt_centimes", CENTIMES, "Encaissements", "Receipts", "Lines in, without own transfers"),
    Column("disbursement_centimes", CENTIMES, "Décaissements", "Disbursements", "Lines out, without own transfers; negative"),
    Column("own_transfer_centimes", CENTIMES, "Virements internes", "Own transfers", "Paired legs between own accounts; nil over the whole office"),
    Column("line_count", COUNT, "Lignes", "Lines", "Number of lines"),
    Column("flow_date", DATE, "Jour du flux", "Flow day", "Bank day on which an expected flow falls", "expected_date"),
    Column("is_overdue", TRUTH, "En retard", "Overdue", "Whether the flow was expected by the date of the page and has not come"),
    Column("step_count", COUNT, "J+", "Day ahead", "Bank days after the date of the page"),
    Column("idle_centimes", CENTIMES, "Oisif", "Idle", "Balance in value above the floor"),
    Column("numbers_centimes_days", COUNT, "Nombres", "Numbers", "Amount × days, the base of interest"),
    Column("cost_centimes", CENTIMES, "Coût", "Cost", "Cost at an illustrative rate"),
    Column("debit_centimes", CENTIMES, "Débit", "Debit", "Total in debit, as a positive amount"),
    Column("credit_centimes", CENTIMES, "Crédit", "Credit", "Total in credit"),
    Column("error_centimes", CENTIMES, "Erreur d'équilibrage", "Levelling error", "Smaller of the debit and the credit held at once in different banks"),
    Column("excess_centimes", CENTIMES, "Dépassement", "Excess", "Debit beyond the limit, as a positive amount"),
    # ledger
    Column("document_number", TEXT, "N° pièce", "Document", "SAP document number (BELNR)"),
    Column("document_line", TEXT, "Poste", "Line item", "Line of the document (BUZEI)"),
    Column("fiscal_year", COUNT, "Exercice", "Fiscal year", "Year of the document (GJAHR)"),
    Column("account_code", TEXT, "Compte", "Account", "Account of the general ledger (HKONT)"),
    Column("document_type_code", TEXT, "Type", "Type", "SAP document type (BLART)"),
    Column("posting_key", TEXT, "Clé", "Posting key", "SAP posting key (BSCHL)"),
    Column("special_ledger_code", TEXT, "CGS", "Special G/L", "SAP special ledger indicator (UMSKZ)"),
    Column("document_date", DATE, "Date pièce", "Document date", "Date of the document (BLDAT)"),
    Column("posting_date", DATE, "Date comptable", "Posting date", "Date of the posting (BUDAT)"),
    Column("clearing_date", DATE, "Date rappr.", "Clearing date", "Day the item was cleared (AUGDT); empty: open"),
    Column("clearing_document", TEXT, "Pièce rappr.", "Clearing document", "Document that cleared the item (AUGBL)"),
    Column("assignment", TEXT, "Affectation", "Assignment", "SAP assignment (ZUONR)"),
    Column("source_document_number", TEXT, "Pièce d'origine", "Source document", "Invoice that a residual item belongs to (REBZG): its age counts"),
    Column("source_fiscal_year", COUNT, "Exercice d'origine", "Source year", "Fiscal year of that invoice (REBZJ)"),
    Column("source_document_line", TEXT, "Poste d'origine", "Source line", "Line of that invoice (REBZZ)"),
    Column("reversal_document", TEXT, "Contrepassation", "Reversal", "Document that reverses this one (STBLG)"),
    Column("tax_code", TEXT, "Code TVA", "Tax code", "SAP tax code (MWSKZ)"),
    Column("extract_date", DATE, "Extrait du", "Extract date", "Key date of the list the row came from"),
    Column("extract_scope_code", TEXT, "Portée de l'extrait", "Extract scope", "Open items only, all items, or postings that do not say when they were cleared", codes=("open_items", "all_items", "postings")),
    # targets
    Column("indicator_code", TEXT, "Indicateur", "Indicator", "Name of the indicator in the workbench", codes=INDICATORS),
    Column("target_value", NUMBER, "Cible", "Target", "Value aimed at: 0 to 1 for a share, days, whole dirhams"),
    Column("alert_value", NUMBER, "Seuil d'alerte", "Alert value", "Value beyond which the indicator is red"),
    # what the store says of itself
    Column("import_id", TEXT, "Import", "Import", "Import that brought the row"),
    Column("imported_at", INSTANT, "Importé à", "Imported at", "Instant of the commit; never goes back"),
    Column("import_kind_code", TEXT, "Nature", "Kind", "What was committed", codes=("create", "import", "replace", "compact")),
    Column("actor", TEXT, "Auteur", "Actor", "Who ran the command"),
    Column("note", TEXT, "Motif", "Note", "Reason given"),
    Column("table_versions", TEXT, "Versions", "Versions", "JSON: version of every table after the commit"),
    Column("row_counts", TEXT, "Lignes", "Row counts", "JSON: rows added to every table"),
    Column("file_name", TEXT, "Fichier", "File", "Name of the file, as received"),
    Column("file_sha256", TEXT, "Empreinte", "SHA-256", "Hash of the file's bytes"),
    Column("profile_name", TEXT, "Profil", "Profile", "Profile that read the file"),
    Column("file_status_code", TEXT, "État", "Status", "What became of the file", codes=("imported", "partly", "unchanged", "refused")),
    Column("row_count", COUNT, "Lignes", "Rows", "Rows brought by the file"),
    Column("problem_count", COUNT, "Anomalies", "Problems", "Problems found in the file"),
    Column("problem_code", TEXT, "Anomalie", "Problem", "Kind of problem"),
    Column("severity_code", TEXT, "Gravité", "Severity", "What follows from it", codes=("refused", "held", "warning", "noted")),
    Column("message_fr", TEXT, "Constat", "Finding (French)", "What is wrong, in French"),
    Column("message_en", TEXT, "Constat (anglais)", "Finding", "What is wrong, in English"),
    Column("remedy_fr", TEXT, "Remède", "Remedy (French)", "What to do, in French"),
    Column("remedy_en", TEXT, "Remède (anglais)", "Remedy", "What to do, in English"),
    Column("table_name", TEXT, "Table", "Table", "Table concerned"),
    Column("column_name", TEXT, "Colonne", "Column", "Column concerned"),
    Column("row_key", TEXT, "Clé", "Row key", "Key of the row concerned"),
)
# fmt: on

COLUMNS: dict[str, Column] = {column.name: column for column in _ALL}
