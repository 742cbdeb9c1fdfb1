"""A made-up month of the made-up office of `plans`: three accounts with statements, two placements, one loan. All figures are invented."""

from datetime import date

import pandas as pd

from tests.builders import table
from tests.cash import plans
from workbench.cash import Month, Situation, month_of, outlook, situation
from workbench.schemas.tables import TABLES

ACCOUNTS = table("""
    account_number account_label bank_code bank_name directorate_code role_code currency_code floor_centimes overdraft_limit_centimes statement_lag_days opened_date closed_date
    C-00           Central       A         Banque-A  head_office      central   MAD           2000000000     0                        -                  2010-01-01  -
    R-01           Recettes-1    B         Banque-B  DR1              receipts  MAD           200000000      0                        -                  2024-09-02  -
    R-02           Recettes-2    B         Banque-B  DR2              receipts  MAD           100000000      0                        -                  2010-01-01  -
""")
DAYS = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    C-00           c                  MAD           2024-08-30 11000000000      11000000000      false
    C-00           c                  MAD           2024-09-30 11000000000      11280000000      false
    R-01           r                  MAD           2024-09-30 1400000000       1410000000       false
    R-02           s                  MAD           2024-09-30 1410000000       1410000000       false
""")
LINES = table("""
    account_number account_identifier currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim details
    C-00           c                  MAD           2024-09-30        1 2024-09-30 280000000       V1        -            false         false      -
    R-01           r                  MAD           2024-09-30        1 2024-09-30 10000000        V2        -            false         false      -
""")
PLACEMENTS = table("""
    placement_id instrument_code counterparty account_number start_date maturity_date principal_centimes interest_centimes currency_code closed_date
    P1           term_deposit    Banque-A     C-00           2024-09-02 2024-12-02    3000000000         22750000          MAD           -
    P2           treasury_bill   Trésor       C-00           2024-07-01 2024-09-30    1000000000         7000000           MAD           -
    P3           mutual_fund     Fonds        C-00           2024-08-01 -             500000000          -                 MAD           -
""")
LOANS = table("""
    loan_id lender  due_date   principal_centimes interest_centimes account_number currency_code signed_date paid_date  rate_kind_code
    L1      Prêteur 2024-10-31 2000000000         425000000         C-00           MAD           2015-01-05  -          floating
    L1      Prêteur 2025-01-31 2000000000         400000000         C-00           MAD           2015-01-05  -          floating
    L1      Prêteur 2024-07-31 2000000000         450000000         C-00           MAD           2015-01-05  2024-07-31 floating
    L2      Prêteur 2024-10-31 100000000          1000000           C-00           MAD           2024-12-01  -          -
""")


def made_situation(as_of: date = plans.AS_OF) -> Situation:
    """The situation of the made-up office."""
    planned, typed = (TABLES[name].arrow.empty_table() for name in ("planned_flows", "typed_balances"))
    return situation(DAYS, LINES, ACCOUNTS, planned, typed, as_of=as_of)


def made_month(**others: object) -> Month:
    """The month of September 2024 of the made-up office; what stands beside its plan may be given otherwise."""
    found = outlook(plans.made_up(), plans.beside(**others))
    moved = pd.DataFrame(
        {"account_number": ["C-00", "R-02"], "last_date": pd.to_datetime(["2024-09-30", "2024-06-28"])}
    )
    return month_of(found, made_situation(), PLACEMENTS, LOANS, ACCOUNTS, moved)
