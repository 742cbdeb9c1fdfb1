"""A grid of texts → the tables of a profile's targets. CSV, workbooks, SAP lists and queries all end here."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ReadingError
from workbench.intake.formats.cells import Converted, Fault, Marks, amounts, converted, translated
from workbench.intake.formats.grid import NAME, Grid, cells_of, missing_headers, name_columns, source_of
from workbench.intake.profiles import LIST, Profile, Target
from workbench.intake.reading import Reading
from workbench.schemas.checking import SHOWN_PER_COLUMN, Problem
from workbench.schemas.columns import COLUMNS
from workbench.schemas.tables import READINGS, table

_SIGNED = ("amount_centimes", "amount_ttc_centimes", "amount_ht_centimes")
_IDENTIFIERS = ("customer_code", "account_identifier", "unit_code", "center_code")


@dataclass
class _Filler:
    """One target being filled from a grid that already holds only its rows."""

    grid: Grid
    target: Target
    profile: Profile
    problems: list[Problem] = field(default_factory=list)

    @property
    def marks(self) -> Marks:
        p = self.profile
        return Marks(p.decimal, p.thousands, p.date_formats, self.grid.is_1904)

    def column(self, name: str) -> pa.Array:
        """The column `name` of the house, converted; its faults are told."""
        sign = self.profile.sign
        given = {*self.target.columns, *self.target.constants}
        amount = next((n for n in _SIGNED if n in table(self.target.table).columns), "")
        if sign.rule == "debit_credit" and name == amount and name not in given:
            return self._debit_credit(name)
        if name in self.target.constants:
            made, faults = self._constant(name)
        else:
            texts = self._texts(name)
            if name in self.target.codes:
                texts = translated(texts, self.target.codes[name])
            made, faults = converted(texts, name, self.marks)
        self._tell(name, faults)
        if name in _SIGNED and sign.rule == "negated":
            return pc.negate(made)
        if name in _SIGNED and sign.rule == "by_column":
            return self._by_column(name, made)
        return made

    def _constant(self, name: str) -> Converted:
        value = self.target.constants[name]
        if isinstance(value, date):
            return pa.repeat(pa.scalar(value, COLUMNS[name].type), self.grid.count), []
        return converted(pa.repeat(pa.scalar(str(value), pa.string()), self.grid.count), name, self.marks)

    def filled(self, name: str) -> pa.Array:
        """A column that every row must fill; empty ones are told and become an empty text."""
        made = self.column(name)
        lost = pc.or_(pc.is_null(made), pc.equal(made, ""))
        self._tell(
            name, [Fault(row, "value_missing") for row in pc.indices_nonzero(pc.fill_null(lost, True)).to_pylist()]
        )
        return pc.fill_null(made, "")

    def _texts(self, name: str) -> pa.Array:
        if name not in self.target.columns:
            return pa.nulls(self.grid.count, pa.string())
        source = source_of(self.grid, self.target.columns[name])
        if source is None:  # `may_lack`: every other one was refused before
            return pa.nulls(self.grid.count, pa.string())
        if source in self.grid.numbers and COLUMNS[name].type == pa.string():
            self._number_as_text(name, source)
        return cells_of(self.grid, source)

    def _number_as_text(self, name: str, header: str) -> None:
        """Identifiers that a workbook holds as numbers: digits beyond the fifteenth are lost, leading zeros perhaps."""
        texts, held = self.grid.columns[header], self.grid.numbers[header]
        digits = pc.utf8_length(pc.replace_substring_regex(texts, "[^0-9]", ""))
        lost = pc.and_(held, pc.or_(pc.greater(digits, 15), name == "account_number"))
        rows = pc.indices_nonzero(pc.fill_null(lost, False)).to_pylist()
        self._tell(name, [Fault(row, "rib_kept_as_number", texts[row].as_py()) for row in rows])
        if not rows and pc.any(held).as_py() and (name.endswith("_id") or name in _IDENTIFIERS):
            values = {"column": name, "count": pc.sum(held).as_py()}
            self.problems.append(
                Problem("identifier_as_number", "warning", values, self.grid.file_name, None, self.target.table, name)
            )

    def _debit_credit(self, name: str) -> pa.Array:
        sign, sides = self.profile.sign, []
        for header in (sign.debit, sign.credit):
            made, faults = amounts(cells_of(self.grid, source_of(self.grid, (header,)) or header), self.marks)
            self._tell(name, faults)
            sides.append(made)
        debit, credit = sides
        if sign.debit_written == "negative":
            debit = pc.negate(debit)
        empty = pc.and_(pc.is_null(debit), pc.is_null(credit))
        debit, credit = pc.fill_null(debit, 0), pc.fill_null(credit, 0)
        both = pc.and_(pc.not_equal(debit, 0), pc.not_equal(credit, 0))
        if not self.problems:  # a cell that could not be read was told already
            self._tell(name, [Fault(r, "debit_or_credit") for r in pc.indices_nonzero(pc.or_(empty, both)).to_pylist()])
            negative = pc.indices_nonzero(pc.less(debit, 0)).to_pylist()
            self._tell(name, [Fault(r, "debit_sign", f"{debit[r].as_py() / 100:.2f}") for r in negative])
        return pc.subtract(credit, debit)

    def _by_column(self, name: str, made: pa.Array) -> pa.Array:
        sign = self.profile.sign
        words = cells_of(self.grid, source_of(self.grid, (sign.column,)) or sign.column)
        is_negative, is_positive = (pc.is_in(words, pa.array(w, pa.string())) for w in (sign.negative, sign.positive))
        unknown = pc.indices_nonzero(pc.invert(pc.or_(is_negative, is_positive))).to_pylist()
        self._tell(name, [Fault(row, "sign_unknown", words[row].as_py()) for row in unknown])
        return pc.if_else(is_negative, pc.negate(made), made)

    def _tell(self, name: str, faults: Sequence[Fault]) -> None:
        if not faults:
            return
        lines, place = self.grid.lines(), (self.target.table, name)
        by_code: dict[str, list[Fault]] = defaultdict(list)
        for fault in faults:
            by_code[fault.code].append(fault)
        for code, found in by_code.items():
            for fault in found[:SHOWN_PER_COLUMN]:
                values = {"value": fault.value or "", "column": name}
                line = lines[fault.row].as_py()
                self.problems.append(Problem(code, "refused", values, self.grid.file_name, line, *place))
            if len(found) > SHOWN_PER_COLUMN:
                rest = {"column": name, "count": len(found) - SHOWN_PER_COLUMN}
                self.problems.append(Problem("more_of_the_same", "refused", rest, self.grid.file_name, None, *place))


def filled(grid: Grid, profile: Profile) -> Reading:
    """The tables of a profile's targets. Raises `ReadingError` where the file has not the columns that the profile maps."""
    name_columns(grid, profile)
    if lost := missing_headers(grid, profile):
        raise ReadingError(
            f"the file has no column {', '.join(f'« {name} »' for name in lost)}; it has {grid.told_headers}",
            grid.file_name,
            "mend the profile or the file",
        )
    tables: dict[str, pa.Table] = {}
    lines: dict[str, Callable[[], pa.Array]] = {}
    problems = list(grid.faults)
    for target in profile.targets:
        filler = _Filler(_rows_of(grid, target), target, profile)
        made: dict[str, pa.Table] = _list(filler) if target.table == LIST else {target.table: _table(filler)}
        problems += filler.problems
        for name, rows in made.items():
            kept = _first_of_equals(rows) if target.distinct else None
            tables[name] = rows if kept is None else rows.take(kept)
            lines[name] = _lines_of(rows if name in READINGS else None, filler.grid, kept)
    if "read_statements" in tables and problems:  # a list has no balance that could prove its good lines
        broken = pa.array(["broken"] * len(tables["read_statements"]), pa.string())
        place = tables["read_statements"].schema.get_field_index("proof_code")
        tables["read_statements"] = tables["read_statements"].set_column(place, "proof_code", broken)
    return Reading(tables, problems, lambda name: lines[name]())


def _rows_of(grid: Grid, target: Target) -> Grid:
    """The rows that count for a target."""
    keeps = []
    if target.where_filled:
        keeps.append(pc.is_valid(cells_of(grid, source_of(grid, (target.where_filled,)) or target.where_filled)))
    for header, values in target.where.items():
        cells = cells_of(grid, source_of(grid, (header,)) or header)
        keeps.append(pc.is_in(cells, pa.array(values, pa.string())))
    for keep in keeps[1:]:
        keeps[0] = pc.and_(keeps[0], keep)
    return grid.filtered(keeps[0]) if keeps else grid


def _table(filler: _Filler) -> pa.Table:
    schema = table(filler.target.table).arrow
    return pa.table([filler.column(name) for name in schema.names], schema=schema)


def _lines_of(statements: pa.Table | None, grid: Grid, kept: pa.Array | None) -> Callable[[], pa.Array]:
    def lines() -> pa.Array:
        found = grid.lines() if statements is None else statements["line_number"].combine_chunks()
        return found if kept is None else found.take(kept)

    return lines


def _first_of_equals(rows: pa.Table) -> pa.Array:
    """Ranks of the rows that equal no earlier row. Rows that share a key and differ elsewhere stay, and are told as such."""
    ranked = rows.append_column("_rank", pa.array(range(len(rows)), pa.int64()))
    first = ranked.group_by(rows.column_names).aggregate([("_rank", "min")])["_rank_min"].combine_chunks()
    return first.take(pc.sort_indices(first))


def _list(filler: _Filler) -> dict[str, pa.Table]:
    """A bank's list without balances: one statement an account and currency, whose lines nothing proves."""
    grid, target = filler.grid, filler.target
    if "account_identifier" not in {*target.columns, *target.constants}:
        # What else is known of the account is the name of its file; an alias makes an account of it.
        filler.target = target.model_copy(
            update={"columns": {**target.columns, "account_identifier": (f"{{{NAME}stem}}",)}}
        )
    schema = READINGS[LIST].arrow
    # A row of no account or no currency makes the list broken; it must not make a statement of its own.
    owners = pa.table({name: filler.filled(name) for name in ("account_identifier", "currency_code")})
    owned = [tuple(row.values()) for row in owners.to_pylist()]
    ranks = {owner: rank for rank, owner in enumerate(dict.fromkeys(owned))}
    own = {"statement_index": pa.array([ranks[o] for o in owned], pa.int64()), "line_number": grid.lines()}
    lines = pa.table([own[n] if n in own else filler.column(n) for n in schema.names], schema=schema)
    rows = []
    for (account, currency), rank in ranks.items():
        mine = lines.filter(pc.equal(lines["statement_index"], rank))
        days = [d for d in pc.coalesce(mine["booking_date"], mine["value_date"]).to_pylist() if d]
        rows.append(
            {
                "statement_index": rank, "line_number": mine["line_number"][0].as_py(), "format_code": "tabular",
                "account_identifier": account, "currency_code": currency, "is_interim": False,
                "movement_count": len(mine), "opening_date": min(days, default=None),
                "closing_date": max(days, default=None), "proof_code": "no_balances",
            }
        )  # fmt: skip
    return {"read_statements": pa.Table.from_pylist(rows, schema=READINGS["read_statements"].arrow), LIST: lines}
