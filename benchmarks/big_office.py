"""An office too large for files: made by DuckDB, streamed into a store. Synthetic: every figure comes out of a hash.

    python -m benchmarks.big_office FOLDER [--rows 10000000] [--seed 1]

Over 36 months from 2022-01: as many bills as `rows`, 120 centres, about one receipt a bill (94 in 100 of the bills; some in two
parts, some too early, some bounced, some in stamps), credit notes, write-offs, rests of older bills, cancelled bills; and as many
bank lines as `rows` on 45 accounts, every day of which closes on the sum of its lines.
"""

import argparse
import functools
from pathlib import Path

import duckdb

from workbench import store

ACCOUNTS, CENTERS, DAYS = 45, 120, 1096
BATCH_ROWS = 100_000


_CHANCES = ("who", "where", "segment", "small", "large", "how", "undated", "rest", "cancelled", "lag", "slow", "channel", "part", "bounced",
            "unpaid", "loose", "credited", "lost", "value", "sign", "superseded")  # fmt: skip


def _chance(what: str, out_of: int | str) -> str:
    # One number hashed: the hashes of (i, 'a') and (i, 'b') share their low bits.
    return f"CAST(hash(($seed * 1000000000000 + i) * 32 + {_CHANCES.index(what)}) % {out_of} AS BIGINT)"


_BILL = f"""
    SELECT i, 'F' || lpad(i::VARCHAR, 10, '0') AS invoice_id, 'C' || lpad(({_chance("who", "$customers")})::VARCHAR, 8, '0') AS customer_code,
           'K' || lpad(({_chance("where", CENTERS)})::VARCHAR, 3, '0') AS center_code,
           (ARRAY['household', 'business', 'administration', 'municipality'])[1 + ({_chance("segment", 100)} > 80)::INT + ({_chance("segment", 100)} > 93)::INT
             + ({_chance("segment", 100)} > 98)::INT] AS segment_code,
           DATE '2022-01-01' + CAST(i * {DAYS} // $rows AS INTEGER) AS issue_date,
           CAST(2000 + {_chance("small", 40000)} + ({_chance("large", 97)} = 0)::BIGINT * ({_chance("how", 5000000)}) AS BIGINT) AS amount_ttc_centimes
    FROM range(0, $rows) AS r(i)
"""

_TABLES = {
    "invoices": f"""
        SELECT invoice_id, customer_code, center_code, segment_code, 'water' AS service_code, issue_date,
               CASE WHEN {_chance("undated", 1000)} > 0 THEN issue_date + 30 END AS due_date, amount_ttc_centimes,
               amount_ttc_centimes * 100 // 107 AS amount_ht_centimes, 'MAD' AS currency_code,
               CASE WHEN {_chance("rest", 200)} = 0 AND i > 1000 THEN 'F' || lpad((i - 1000)::VARCHAR, 10, '0') END AS source_invoice_id,
               CASE WHEN {_chance("cancelled", 500)} = 0 THEN issue_date + 20 END AS cancelled_date
        FROM ({_BILL})""",
    "payments": f"""
        SELECT 'P' || lpad(i::VARCHAR, 10, '0') AS payment_id, customer_code, center_code, issue_date + CAST({_chance("lag", 90)} * {_chance("slow", 4)} AS INTEGER) AS receipt_date,
               CASE WHEN {_chance("channel", 100)} < 2 THEN 'prepaid_stamp' WHEN {_chance("channel", 100)} = 2 THEN 'compensation'
                    WHEN {_chance("channel", 100)} < 60 THEN 'cash' ELSE 'transfer' END AS channel_code,
               CASE WHEN {_chance("part", 16)} = 0 THEN amount_ttc_centimes // 2 ELSE amount_ttc_centimes END AS amount_centimes, 'MAD' AS currency_code,
               CASE WHEN {_chance("bounced", 300)} = 0 THEN issue_date + 60 END AS bounced_date
        FROM ({_BILL}) WHERE {_chance("unpaid", 16)} > 0""",
    "allocations": f"""
        SELECT 'A' || lpad(i::VARCHAR, 10, '0') AS allocation_id, 'P' || lpad(i::VARCHAR, 10, '0') AS payment_id, invoice_id,
               issue_date + CAST({_chance("lag", 90)} * {_chance("slow", 4)} AS INTEGER) AS allocation_date,
               CASE WHEN {_chance("part", 16)} = 0 THEN amount_ttc_centimes // 2 ELSE amount_ttc_centimes END AS amount_centimes, 'MAD' AS currency_code
        FROM ({_BILL}) WHERE {_chance("unpaid", 16)} > 0""",
    "credit_notes": f"""
        SELECT 'N' || lpad(i::VARCHAR, 10, '0') AS credit_note_id, CASE WHEN {_chance("loose", 20)} > 0 THEN invoice_id END AS invoice_id, customer_code,
               'credit' AS credit_kind_code, issue_date + 45 AS credit_date, amount_ttc_centimes // 10 AS amount_ttc_centimes, 'MAD' AS currency_code
        FROM ({_BILL}) WHERE {_chance("credited", 200)} = 0""",
    "write_offs": f"""
        SELECT 'W' || lpad(i::VARCHAR, 10, '0') AS write_off_id, invoice_id, issue_date + 400 AS write_off_date, amount_ttc_centimes AS amount_centimes,
               'MAD' AS currency_code
        FROM ({_BILL}) WHERE {_chance("unpaid", 16)} = 0 AND {_chance("lost", 50)} = 0""",
    "bank_transactions": f"""
        SELECT '0078100001234500' || lpad((i % {ACCOUNTS})::VARCHAR, 8, '0') AS account_identifier, 'mt940' AS format_code, 'MAD' AS currency_code, issue_date AS day_date,
               1::BIGINT AS day_version, i AS day_rank, issue_date AS booking_date, issue_date + CAST({_chance("value", 4)} - 1 AS INTEGER) AS value_date,
               CASE WHEN {_chance("sign", 10)} < 6 THEN amount_ttc_centimes ELSE -amount_ttc_centimes END AS amount_centimes, 'TRF' AS operation_code,
               false AS is_interim, {_chance("superseded", 400)} = 0 AS is_superseded, 'S' AS statement_id, 'imp-00001' AS import_id
        FROM ({_BILL})""",
}  # fmt: skip

# Every account has its day even where no line fell on it; one day in 200 closes off its lines, as after a missing statement.
_DAYS_OF_ACCOUNTS = f"""
    WITH account_days AS (SELECT a, d FROM range({ACCOUNTS}) AS x(a), range({DAYS}) AS y(d)),
         moved AS (SELECT account_identifier, day_date, sum(amount_centimes)::BIGINT AS moved, count(*) AS line_count
                   FROM lines WHERE NOT is_superseded GROUP BY ALL),
         days AS (SELECT '0078100001234500' || lpad(a::VARCHAR, 8, '0') AS account_identifier, DATE '2022-01-01' + d::INTEGER AS day_date,
                         (hash(a, d, $seed) % 200 = 0)::BIGINT * 100000 AS missing FROM account_days),
         closed AS (SELECT *, 50000000 + sum(coalesce(moved, 0) + missing) OVER (PARTITION BY account_identifier ORDER BY day_date) AS closing
                    FROM days LEFT JOIN moved USING (account_identifier, day_date))
    SELECT account_identifier, 'mt940' AS format_code, 'MAD' AS currency_code, day_date, 1::BIGINT AS day_version,
           (closing - coalesce(moved, 0))::BIGINT AS opening_centimes, closing::BIGINT AS closing_centimes, coalesce(line_count, 0)::BIGINT AS movement_count,
           'S' AS statement_id, false AS is_superseded, 'imp-00001' AS import_id
    FROM closed ORDER BY ALL
"""  # fmt: skip


def make(folder: Path, rows: int, seed: int = 1) -> None:
    """Make the office of a folder, in one import; an office that holds bills already is left as it is."""
    store.create_office(folder)
    if store.open_office(folder).paths("invoices"):
        return
    (folder / "office.toml").write_text("synthetic = true\n", encoding="utf-8")
    known = {"$rows": rows, "$seed": seed, "$customers": max(rows // 36, 1)}
    with duckdb.connect() as con, store.writer(folder, actor="benchmark") as writer:
        for name, sql in _TABLES.items():
            filled = functools.reduce(lambda text, each: text.replace(each, str(known[each])), known, sql)
            writer.append(name, con.sql(filled).to_arrow_reader(BATCH_ROWS))
    lines = store.open_office(folder)["bank_transactions"]
    with store.writer(folder, actor="benchmark") as writer:
        days = lines.query("lines", _DAYS_OF_ACCOUNTS.replace("$seed", str(seed)))
        writer.append("statement_days", days.to_arrow_table())


def main() -> None:
    """Make one, from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.big_office", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    make(options.folder, options.rows, options.seed)


if __name__ == "__main__":
    main()
