"""An office with known weekly hazards of payment, as Parquet files of the store's columns; thirteen weeks after the evening are hidden. Synthetic.

A customer has a bill a month. His chance of paying in a week follows (complementary log-log) the age and the segment, the month and the
segment, the amount, how he paid the bills four to nine months before, the centre, and a shock of the week that all share. Some pay in two
parts; old bills are written off.
"""

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from workbench.recovery.payment_times.hazards import bin_of, month_of

Floats = npt.NDArray[np.float64]
FIRST_WEEK, WEEKS, AHEAD, MONTHS, CENTERS = (
    2714,
    156,
    13,
    36,
    120,
)  # from Monday 3 January 2022; the evening is Sunday 29 December 2024
AS_OF = "2024-12-29"
SEGMENTS = ("household", "business", "state", "municipality")
SHARES = (0.92, 0.04, 0.02, 0.02)
BASE = np.array([
    [0.06, 0.10, 0.22, 0.28, 0.28, 0.22, 0.16, 0.11, 0.09, 0.06, 0.04, 0.03, 0.02, 0.014, 0.010, 0.006],
    [0.03, 0.05, 0.09, 0.15, 0.19, 0.21, 0.18, 0.15, 0.11, 0.08, 0.06, 0.04, 0.03, 0.020, 0.012, 0.008],
    [0.004, 0.006, 0.009, 0.012, 0.016, 0.020, 0.026, 0.032, 0.038, 0.045, 0.050, 0.058, 0.050, 0.040, 0.030, 0.020],
    [0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.009, 0.010, 0.011, 0.013, 0.014, 0.016, 0.018, 0.018, 0.016, 0.012],
])  # fmt: skip
SEASON = np.zeros((4, 12))
SEASON[0, [6, 7]], SEASON[1, 7], SEASON[2, [10, 11, 0]], SEASON[3, 11] = -0.2, -0.3, 0.5, 0.7
AMOUNT, BEHAVIOUR = np.array([0.1, 0.0, -0.25]), np.array([0.0, 0.35, -0.3])
SHOCK, CENTER_SPREAD, LOST = 0.05, 0.2, 0.0015
PARTS = np.array([0.06, 0.15, 0.25, 0.30])
_END = WEEKS + AHEAD


def planted_effects(seed: int) -> tuple[Floats, Floats]:
    """Effect of each centre and shock of each week."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, CENTER_SPREAD, CENTERS), rng.normal(0, SHOCK, _END)


def make(folder: Path, rows: int, seed: int = 7) -> None:
    """Write `invoices`, `allocations`, `write_offs` (up to the evening) and `future` (centre, week, centimes) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, (effect, shock) = np.random.default_rng(rows + seed), planted_effects(seed)
    start, age = np.arange(WEEKS)[:, None], np.arange(_END)[None, :]
    week = np.minimum(start + age, _END - 1)
    moved = [BASE[s][bin_of(age)] * np.exp(SEASON[s][month_of(FIRST_WEEK + week)] + shock[week]) for s in range(4)]
    reached = np.cumsum(np.stack([np.where(start + age < _END, rate, 0.0) for rate in moved]), axis=2)
    count = rows // MONTHS
    segment, center, day = rng.choice(4, count, p=SHARES), rng.integers(0, CENTERS, count), rng.integers(0, 28, count)
    size = rng.normal(np.log([150, 900, 3000, 4000])[segment], 0.6)
    prompt, future = np.zeros((MONTHS, count), bool), np.zeros(CENTERS * AHEAD)
    with duckdb.connect() as con:
        con.execute("CREATE TABLE i (n BIGINT, c BIGINT, k BIGINT, s BIGINT, d BIGINT, a BIGINT)")
        con.execute("CREATE TABLE p (n BIGINT, d BIGINT, a BIGINT)")
        con.execute("CREATE TABLE w (n BIGINT, d BIGINT, a BIGINT)")
        for month in range(MONTHS):
            first = (np.datetime64("2022-01", "M") + month).astype("datetime64[D]") + 2
            offset = (first - np.datetime64("2022-01-03")).astype(int) + day
            offset = np.clip(offset + np.array([0, 0, 0, 0, 0, 2, 1])[offset % 7], 0, 7 * WEEKS - 3)
            begun, weekday = offset // 7, offset % 7
            amount = np.maximum(100, np.exp(size + rng.normal(0, 0.5, count)) * 100).astype(np.int64)
            known = prompt[max(0, month - 9) : max(0, month - 3)]
            habit = np.where(known.mean(axis=0) > 2 / 3 - 1e-9, 1, 2) if len(known) else np.zeros(count, int)
            scale = np.exp(AMOUNT[np.searchsorted([20_000, 100_000], amount, side="right")] + BEHAVIOUR[habit] + effect[center])  # fmt: skip
            need = rng.exponential(size=count) / scale
            one = _first(reached, need, segment, begun)
            is_part = rng.random(count) < PARTS[segment]
            level = reached[segment, begun, np.minimum(one, _END - 1)]
            again = np.maximum(one + 1, _first(reached, level + rng.exponential(size=count) / scale, segment, begun))
            two = np.where(is_part, again, one)
            gone = 22 + rng.geometric(LOST, count)
            paid = np.where(is_part, (amount * rng.uniform(0.3, 0.7, count)).astype(np.int64), amount)
            number = month * count + np.arange(count)
            days = [_day(begun + at, weekday, at == 0, rng) for at in (one, two)]
            holds = [(one <= gone) & (begun + one < _END), is_part & (two <= gone) & (begun + two < _END)]
            prompt[month] = np.where(is_part, holds[1], holds[0]) & (np.where(is_part, days[1], days[0]) <= offset + 56)
            _fill(con, "i", number, np.arange(count), center, segment, offset, amount)
            for hold, on, part in zip(holds, days, (paid, amount - paid), strict=True):
                seen = hold & (on < 7 * WEEKS)
                _fill(con, "p", number[seen], on[seen], part[seen])
                later = hold & ~seen
                place = center[later] * AHEAD + on[later] // 7 - WEEKS
                future += np.bincount(place, part[later], CENTERS * AHEAD)
            lost = (gone < two) & (begun + gone < WEEKS)
            left = amount - np.where(holds[0] & (one < gone), paid, 0)
            _fill(con, "w", number[lost], 7 * (begun + gone)[lost] + 4, left[lost])
        _write(con, folder)
    np.save(folder / "future.npy", future.reshape(CENTERS, AHEAD))


def _first(reached: Floats, need: Floats, segment: npt.NDArray[np.int64], begun: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:  # fmt: skip
    """Age at which the cumulative hazard passes what a bill needs; bills of one segment and week share a curve."""
    found, key = np.empty(len(need), np.int64), segment * WEEKS + begun
    order = np.argsort(key, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        found[part] = np.searchsorted(reached[segment[part[0]], begun[part[0]]], need[part])
    return found


def _day(week: npt.NDArray[np.int64], weekday: npt.NDArray[np.int64], is_same: npt.NDArray[np.bool_], rng: np.random.Generator) -> npt.NDArray[np.int64]:  # fmt: skip
    drawn = rng.integers(0, 5, len(week))
    return 7 * week + np.where(is_same, np.maximum(weekday, drawn), drawn)


def _fill(con: duckdb.DuckDBPyConnection, name: str, *columns: npt.NDArray[np.int64]) -> None:
    rows = pa.table({f"c{place}": pa.array(column.astype(np.int64)) for place, column in enumerate(columns)})
    con.from_arrow(rows).insert_into(name)


def _write(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    segments = ", ".join(f"'{name}'" for name in SEGMENTS)
    bill = "'F' || lpad(n::VARCHAR, 9, '0') AS invoice_id"
    sql = {
        "invoices": f"SELECT {bill}, 'C' || lpad(c::VARCHAR, 8, '0') AS customer_code, 'K' || lpad(k::VARCHAR, 3, '0') AS center_code, "
        f"(ARRAY[{segments}])[s + 1] AS segment_code, 'water' AS service_code, DATE '2022-01-03' + d::INTEGER AS issue_date, a AS amount_ttc_centimes, "
        "'MAD' AS currency_code, NULL::VARCHAR AS source_invoice_id, NULL::DATE AS cancelled_date FROM i",
        "allocations": f"SELECT 'P' || rowid AS payment_id, {bill}, DATE '2022-01-03' + d::INTEGER AS allocation_date, a AS amount_centimes, 'MAD' AS currency_code FROM p",
        "write_offs": f"SELECT {bill}, DATE '2022-01-03' + d::INTEGER AS write_off_date, a AS amount_centimes, 'MAD' AS currency_code FROM w",
    }
    for name, text in sql.items():
        con.execute(f"COPY ({text}) TO '{folder / name}.parquet' (FORMAT parquet)")
