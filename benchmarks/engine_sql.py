"""The four tables as SQL that a good hand writes for DuckDB, each for itself, with nothing that its answer does not need.

The rest of an older bill takes the dates of that bill. Rests are few, so they are joined apart: joined to all bills at once, DuckDB
holds every bill in the hash table of the smaller side's match.
"""

from collections.abc import Mapping

import duckdb
import pandas as pd

from benchmarks.engine_ours import AS_OF, OPENING
from workbench.recovery.ageing import UPPER_BOUNDS

_EVENTS = """
    paid AS (SELECT invoice_id, sum(a.amount_centimes) AS paid FROM allocations a LEFT JOIN payments USING (payment_id)
             WHERE allocation_date <= $as_of AND (bounced_date IS NULL OR bounced_date > $as_of) GROUP BY invoice_id),
    credited AS (SELECT invoice_id, sum(amount_ttc_centimes) AS credited FROM credit_notes
                 WHERE credit_date <= $as_of AND invoice_id IS NOT NULL GROUP BY invoice_id),
    written_off AS (SELECT invoice_id, sum(amount_centimes) AS written_off FROM write_offs WHERE write_off_date <= $as_of GROUP BY invoice_id),
    bills AS (SELECT invoice_id, center_code, currency_code, due_date, cancelled_date, amount_ttc_centimes FROM invoices
              WHERE issue_date <= $as_of AND source_invoice_id IS NULL
              UNION ALL
              SELECT r.invoice_id, r.center_code, r.currency_code, CASE WHEN s.issue_date IS NULL THEN r.due_date ELSE s.due_date END, r.cancelled_date, r.amount_ttc_centimes
              FROM invoices s RIGHT JOIN (SELECT * FROM invoices WHERE source_invoice_id IS NOT NULL AND issue_date <= $as_of) r
              ON r.source_invoice_id = s.invoice_id)
"""

_AGES = " ".join(f"WHEN due_date >= $as_of::DATE - {days} THEN {code}" for code, days in enumerate(UPPER_BOUNDS))

_AGEING = f"""
    WITH {_EVENTS},
    items AS (
        SELECT currency_code, center_code, due_date,
               CASE WHEN cancelled_date <= $as_of THEN 0 ELSE amount_ttc_centimes END
               - coalesce(paid, 0) - coalesce(credited, 0) - coalesce(written_off, 0) AS outstanding
        FROM bills LEFT JOIN paid USING (invoice_id) LEFT JOIN credited USING (invoice_id) LEFT JOIN written_off USING (invoice_id)
        UNION ALL
        SELECT currency_code, NULL, NULL, -amount_ttc_centimes FROM credit_notes WHERE credit_date <= $as_of AND invoice_id IS NULL)
    SELECT currency_code, center_code, CASE WHEN due_date IS NULL THEN -1 {_AGES} ELSE {len(UPPER_BOUNDS)} END AS age_bucket,
           count(*) AS item_count, sum(outstanding)::BIGINT AS outstanding_centimes, sum(CASE WHEN outstanding < 0 THEN outstanding ELSE 0 END)::BIGINT AS credit_centimes
    FROM items WHERE outstanding <> 0 GROUP BY ALL
"""

# One pass: what had happened by the opening and what by the date, side by side.
_RATES = """
    WITH kept AS (SELECT invoice_id, a.amount_centimes, allocation_date, bounced_date, channel_code IN ('prepaid_stamp', 'compensation') AS is_no_cash
                  FROM allocations a LEFT JOIN payments USING (payment_id) WHERE allocation_date <= $as_of),
    paid AS (SELECT invoice_id,
                    sum(CASE WHEN allocation_date <= $opening AND (bounced_date IS NULL OR bounced_date > $opening) THEN amount_centimes END) AS paid_before,
                    sum(CASE WHEN (bounced_date IS NULL OR bounced_date > $as_of) THEN amount_centimes END) AS paid,
                    sum(CASE WHEN is_no_cash AND allocation_date <= $opening AND (bounced_date IS NULL OR bounced_date > $opening) THEN amount_centimes END) AS no_cash_before,
                    sum(CASE WHEN is_no_cash AND (bounced_date IS NULL OR bounced_date > $as_of) THEN amount_centimes END) AS no_cash
             FROM kept GROUP BY invoice_id),
    credited AS (SELECT invoice_id, sum(amount_ttc_centimes) AS credited,
                        sum(CASE WHEN credit_date <= $opening THEN amount_ttc_centimes END) AS credited_before
                 FROM credit_notes WHERE credit_date <= $as_of AND invoice_id IS NOT NULL GROUP BY invoice_id),
    lost AS (SELECT invoice_id, sum(CASE WHEN write_off_date <= $opening THEN amount_centimes END) AS lost_before FROM write_offs
             WHERE write_off_date <= $as_of GROUP BY invoice_id),
    bills AS (SELECT invoice_id, center_code, currency_code, issue_date, issue_date AS first_date, cancelled_date, amount_ttc_centimes FROM invoices
              WHERE issue_date <= $as_of AND source_invoice_id IS NULL
              UNION ALL
              SELECT r.invoice_id, r.center_code, r.currency_code, r.issue_date, coalesce(s.issue_date, r.issue_date), r.cancelled_date, r.amount_ttc_centimes
              FROM invoices s RIGHT JOIN (SELECT * FROM invoices WHERE source_invoice_id IS NOT NULL AND issue_date <= $as_of) r
              ON r.source_invoice_id = s.invoice_id),
    items AS (
        SELECT currency_code, center_code, first_date <= $opening AS is_old,
               CASE WHEN i.issue_date <= $opening THEN 0 ELSE amount_ttc_centimes END AS billed,
               CASE WHEN i.issue_date <= $opening THEN amount_ttc_centimes - CASE WHEN cancelled_date <= $opening THEN amount_ttc_centimes ELSE 0 END
                    - coalesce(paid_before, 0) - coalesce(credited_before, 0) - coalesce(lost_before, 0) ELSE 0 END AS opening,
               CASE WHEN cancelled_date <= $as_of THEN amount_ttc_centimes ELSE 0 END
               - CASE WHEN i.issue_date <= $opening AND cancelled_date <= $opening THEN amount_ttc_centimes ELSE 0 END AS cancelled,
               coalesce(paid, 0) - coalesce(no_cash, 0) - CASE WHEN i.issue_date <= $opening THEN coalesce(paid_before, 0) - coalesce(no_cash_before, 0) ELSE 0 END AS collected,
               coalesce(no_cash, 0) - CASE WHEN i.issue_date <= $opening THEN coalesce(no_cash_before, 0) ELSE 0 END AS no_cash,
               coalesce(credited, 0) - CASE WHEN i.issue_date <= $opening THEN coalesce(credited_before, 0) ELSE 0 END AS credited
        FROM bills i LEFT JOIN paid USING (invoice_id) LEFT JOIN credited USING (invoice_id) LEFT JOIN lost USING (invoice_id)
        WHERE amount_ttc_centimes <> 0 AND (cancelled_date IS NULL OR cancelled_date > $as_of)),
    sums AS (SELECT currency_code, center_code,
               sum(CASE WHEN is_old THEN 0 ELSE opening + billed - cancelled - credited END)::BIGINT AS current_base_centimes,
               sum(CASE WHEN is_old THEN 0 ELSE collected END)::BIGINT AS current_collected_centimes,
               sum(CASE WHEN is_old THEN greatest(opening + billed - cancelled - credited, 0) ELSE 0 END)::BIGINT AS arrears_base_centimes,
               sum(CASE WHEN is_old THEN collected ELSE 0 END)::BIGINT AS arrears_collected_centimes,
               sum(no_cash)::BIGINT AS no_cash_centimes FROM items GROUP BY ALL)
    SELECT *, current_collected_centimes / nullif(greatest(current_base_centimes, 0), 0) AS current_rate,
           arrears_collected_centimes / nullif(greatest(arrears_base_centimes, 0), 0) AS arrears_rate,
           (current_collected_centimes + arrears_collected_centimes) / nullif(greatest(current_base_centimes + arrears_base_centimes, 0), 0) AS global_rate,
           (current_collected_centimes + arrears_collected_centimes + no_cash_centimes)
           / nullif(greatest(current_base_centimes + arrears_base_centimes, 0), 0) AS with_no_cash_rate
    FROM sums
"""  # fmt: skip

_POSITIONS = """
    WITH days AS (SELECT account_identifier AS account_number, currency_code, day_date, closing_centimes, opening_centimes,
                         lag(closing_centimes) OVER (PARTITION BY account_identifier, currency_code ORDER BY day_date) AS before
                  FROM statement_days WHERE NOT is_superseded AND day_date <= $as_of AND closing_centimes IS NOT NULL),
    added AS (SELECT account_identifier AS account_number, currency_code, day_date, value_date, sum(amount_centimes) AS amount FROM bank_transactions
              WHERE NOT is_superseded AND NOT is_interim AND day_date <= $as_of GROUP BY ALL),
    flows AS (SELECT added.* FROM added JOIN days USING (account_number, currency_code, day_date)),
    steps AS (SELECT account_number, currency_code, day_date, closing_centimes - coalesce(before, 0) AS booked, closing_centimes - coalesce(before, 0) AS in_value,
                     CASE WHEN before IS NULL THEN coalesce(opening_centimes, 0) ELSE 0 END AS entered, 0 AS flow, 1 AS stated FROM days
              UNION ALL SELECT account_number, currency_code, day_date, 0, -amount, 0, amount, 0 FROM flows
              UNION ALL SELECT account_number, currency_code, value_date, 0, amount, 0, 0, 0 FROM flows),
    summed AS (SELECT account_number, currency_code, day_date, sum(booked) AS booked, sum(in_value) AS in_value, sum(entered) AS entered, sum(flow) AS flow,
                      sum(stated) AS stated FROM steps GROUP BY ALL),
    run AS (SELECT *, sum(booked) OVER w AS booked_balance, sum(in_value) OVER w AS value_balance FROM summed
            WINDOW w AS (PARTITION BY account_number, currency_code ORDER BY day_date))
    SELECT account_number, currency_code, day_date, booked_balance::BIGINT AS booked_centimes, value_balance::BIGINT AS value_centimes, entered::BIGINT AS entered_centimes,
           flow::BIGINT AS flow_centimes, (booked - entered - flow)::BIGINT AS gap_centimes, stated::BIGINT AS statement_count
    FROM run JOIN (SELECT account_number, currency_code, min(day_date) AS first FROM days GROUP BY ALL) USING (account_number, currency_code)
    WHERE day_date >= first
"""  # fmt: skip

_CURVES = """
    WITH bills AS (SELECT invoice_id, currency_code, amount_ttc_centimes, year(issue_date) * 12 + month(issue_date) - 1 AS vintage_ordinal
                   FROM invoices WHERE issue_date <= $as_of),
    cash AS (SELECT bills.currency_code, vintage_ordinal, year(allocation_date) * 12 + month(allocation_date) - 1 - vintage_ordinal AS age_months,
                    sum(amount_centimes) AS collected FROM allocations JOIN bills USING (invoice_id)
             WHERE allocation_date <= $as_of GROUP BY ALL),
    billed AS (SELECT currency_code, vintage_ordinal, sum(amount_ttc_centimes) AS billed FROM bills GROUP BY ALL)
    SELECT currency_code, vintage_ordinal, age_months, collected::BIGINT AS collected_centimes,
           (sum(collected) OVER (PARTITION BY currency_code, vintage_ordinal ORDER BY age_months))::BIGINT AS cumulative_centimes,
           billed::BIGINT AS billed_centimes, cumulative_centimes / billed AS cumulative_share
    FROM cash JOIN billed USING (currency_code, vintage_ordinal)
"""

SQL = {"ageing": _AGEING, "rates": _RATES, "positions": _POSITIONS, "curves": _CURVES}


def by_hand(function: str, paths: Mapping[str, list[str]], memory: str | None) -> pd.DataFrame:
    """A table made by its own SQL."""
    with duckdb.connect() as con:
        if memory:
            con.execute("SET memory_limit = $1", [memory])
        for name, files in paths.items():
            if files:
                con.read_parquet(files).to_view(name)
        sql = SQL[function]
        values = {key: day for key, day in (("as_of", AS_OF), ("opening", OPENING)) if f"${key}" in sql}
        return con.execute(sql, values).df()
