"""SAP list exports (FBL5N, FBL3N, FBL1N saved unconverted) → ledger entries or suppliers' items, every total checked against its rows.

Document numbers are put in SAP's own form (ten digits, line items three: what a list shows without leading zeros), so that a
residual item finds the invoice it belongs to (REBZG, REBZJ, REBZZ). Sources: the fields of BSID/BSAD and BSIS/BSAS.
"""

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ReadingError
from workbench.intake.formats.cells import Marks, amounts, day_in
from workbench.intake.formats.filling import filled
from workbench.intake.formats.grid import NAME, Grid, plain
from workbench.intake.formats.sap_frames import DAY, SCOPE, FrameReader, Frames, Words
from workbench.intake.profiles import Profile
from workbench.intake.reading import Reading, decoded, refuse_long_lines
from workbench.schemas.checking import SHOWN_PER_COLUMN, Problem
from workbench.schemas.columns import COLUMNS

_NO_DATE = r"^0{2,4}([./-])0{2,4}[./-]0{2,4}$"
_WIDTHS = {
    "document_number": 10,
    "clearing_document": 10,
    "source_document_number": 10,
    "reversal_document": 10,
    "document_line": 3,
    "source_document_line": 3,
}


def read(path: Path, profile: Profile) -> Reading:
    """The entries of a list, in the table that its profile names, and every problem: rows cut, totals that do not hold, a list that is not finished."""
    words, text = _words(profile), decoded(path, profile.encoding)
    refuse_long_lines(text.replace("\r", "\n"), path.name)
    frames = FrameReader(words).read(text)
    if not frames.blocks:
        headers = " / ".join(profile.targets[0].columns.get("document_number", ("?",)))
        raise ReadingError(
            f"no framed row under a header « {headers} »",
            f"{path.name}:{frames.wrong[0]}" if frames.wrong else path.name,
            "save the list unconverted, or mend the profile",
        )
    grid = _grid(frames, profile, path.name)
    grid.faults = _faults(frames, grid, profile)
    reading, table = filled(grid, _with_scope(profile)), profile.targets[0].table
    entries = _in_sap_form(reading.tables[table])
    if "source_document_number" in entries.column_names:  # suppliers' items name no invoice that they belong to
        entries = _with_sources(entries)
    problems = [*reading.problems, *_of_entries(entries, path.name, table)]
    if _says_no_clearing(grid, profile):
        entries, problems = _as_postings(entries), [*problems, *_no_clearing(grid, profile)]
    return Reading({table: entries}, problems, reading.lines)


def _words(profile: Profile) -> Words:
    columns = profile.targets[0].columns

    def names(column: str) -> frozenset[str]:
        return frozenset(plain(name) for name in columns.get(column, ()))

    if not names("document_number") or not names("amount_centimes"):
        raise ReadingError(
            "a profile of an SAP list maps document_number and amount_centimes of ledger_entries or suppliers_due",
            f"{profile.name}.toml",
        )
    scopes = {plain(words): "open_items" for words in profile.list.open_items}
    scopes |= {plain(words): "all_items" for words in profile.list.all_items}
    every = frozenset(plain(name) for found in columns.values() for name in found)
    return Words(names("document_number"), names("amount_centimes"), names("currency_code"), every, scopes)


def _with_scope(profile: Profile) -> Profile:
    """The profile that takes the scope and day of the extract from the list's own sentence, where it does not say them itself."""
    target = profile.targets[0]
    said = {*target.columns, *target.constants}
    own = {"extract_scope_code": (SCOPE,), "extract_date": (DAY,)}
    columns = target.columns | {name: source for name, source in own.items() if name not in said}
    return profile.model_copy(update={"targets": (target.model_copy(update={"columns": columns}),)})


def _grid(frames: Frames, profile: Profile, file_name: str) -> Grid:
    names = dict.fromkeys(name for block in frames.blocks for name in (*block.context, *block.names) if name)
    names |= dict.fromkeys((SCOPE, DAY))
    dates = {
        plain(header)
        for column, headers in profile.targets[0].columns.items()
        if COLUMNS[column].type == pa.date32()
        for header in headers
    }
    # « Société 1000 » above a frame is the company of the rows that have no « Sté » of their own: a row knows better than its page.
    synonyms = {
        name: {plain(each) for each in headers}
        for headers in profile.targets[0].columns.values()
        for name in map(plain, headers)
    }
    columns = {}
    for name in names:
        cells: list[str | None] = []
        for block in frames.blocks:
            value = block.context.get(name)
            value = day_in(value, profile.date_formats) if name == DAY else value
            own = name if name in block.names else next((n for n in block.names if n in synonyms.get(name, ())), None)
            if own is None or (own != name and name not in block.context):
                cells += [value] * len(block.rows)
            else:
                place = block.names.index(own)
                cells += [row[place] or value for row in block.rows]
        texts = pa.array(cells, pa.string())
        if name in dates:  # 00.00.0000 is how SAP writes no date
            texts = pc.if_else(pc.fill_null(pc.match_substring_regex(texts, _NO_DATE), False), None, texts)
        columns[name] = texts
    lines = pa.array([line for block in frames.blocks for line in block.lines], pa.int64())
    return Grid(file_name, columns, frames.row_count, lambda: lines)


# ── what a list has wrong as a list


def _faults(frames: Frames, grid: Grid, profile: Profile) -> list[Problem]:
    wrong = frames.wrong
    found = [Problem("sap_row_wrong", "refused", {}, grid.file_name, line) for line in wrong[:SHOWN_PER_COLUMN]]
    if len(wrong) > SHOWN_PER_COLUMN:
        rest = {"column": "", "count": len(wrong) - SHOWN_PER_COLUMN}
        found.append(Problem("more_of_the_same", "refused", rest, grid.file_name))
    if frames.is_open and frames.has_rules:
        found.append(Problem("sap_list_unended", "refused", {}, grid.file_name))
    totals = frames.totals
    if totals and (totals[-1].rows_before < frames.row_count or totals[-1].stars < max(t.stars for t in totals)):
        found.append(Problem("sap_total_missing", "refused", {}, grid.file_name))
    return found + _wrong_totals(frames, grid, profile)


def _wrong_totals(frames: Frames, grid: Grid, profile: Profile) -> list[Problem]:
    """Totals that are not the sum of the rows since the last total of their rank or above, each currency for itself."""
    target = profile.targets[0]
    marks = Marks(profile.decimal, profile.thousands, profile.date_formats)
    header = next(h for h in map(grid.header, target.columns["amount_centimes"]) if h)
    rows = amounts(grid.columns[header], marks)[0].to_pylist()
    stated, unread = amounts(pa.array([total.amount for total in frames.totals], pa.string()), marks)
    problems = [
        Problem(f.code, "refused", {"value": f.value, "column": "amount_centimes"}, grid.file_name, frames.totals[f.row].line, target.table, "amount_centimes")
        for f in unread
    ]  # fmt: skip
    source = next((h for h in map(grid.header, target.columns.get("currency_code", ())) if h), None)
    constant = str(target.constants.get("currency_code", ""))
    currencies = grid.columns[source].to_pylist() if source else [constant] * grid.count
    sums: dict[int, dict[str, int]] = {total.stars: defaultdict(int) for total in frames.totals}
    start = 0
    for total, value in zip(frames.totals, stated.to_pylist(), strict=True):
        for row in range(start, total.rows_before):
            for of_rank in sums.values():
                of_rank[currencies[row] or ""] += rows[row] or 0
        start = total.rows_before
        own = sums[total.stars]
        held = [total.currency] if total.currency else list(own)
        if len(held) > 1:
            values = {"currencies": ", ".join(sorted(held))}
            problems.append(Problem("sap_total_mixed", "warning", values, grid.file_name, total.line, target.table))
        elif value is not None and (sum_ := own.get(held[0], 0) if held else 0) != value:
            shown = {"stated": _shown(value), "found": _shown(sum_), "difference": _shown(value - sum_), "currency": held[0] if held else ""}  # fmt: skip
            problems.append(Problem("sap_total_wrong", "refused", shown, grid.file_name, total.line, target.table))
        for rank, of_rank in sums.items():
            if rank <= total.stars:
                for currency in held:
                    of_rank.pop(currency, None)
    return problems


def _shown(centimes: int) -> str:
    return f"{'-' if centimes < 0 else ''}{abs(centimes) // 100}.{abs(centimes) % 100:02d}"


# ── what its entries need


def _in_sap_form(entries: pa.Table) -> pa.Table:
    """Document numbers with the leading zeros that a list leaves out (zeros alone are no document), companies without their names."""
    place = entries.schema.get_field_index("company_code")
    bare = pc.replace_substring_regex(entries["company_code"], r"^([A-Za-z0-9]{1,4})\s.*$", r"\1")
    entries = entries.set_column(place, entries.schema.field(place), bare)
    for name, width in ((name, width) for name, width in _WIDTHS.items() if name in entries.column_names):
        column = entries[name].combine_chunks()
        digits = pc.fill_null(pc.match_substring_regex(column, "^[0-9]+$"), False)
        made = pc.if_else(digits, pc.utf8_lpad(column, width, "0"), column)
        if name not in ("document_number", "document_line"):
            made = pc.if_else(pc.equal(made, "0" * width), None, made)
        entries = entries.set_column(entries.schema.get_field_index(name), entries.schema.field(name), made)
    return entries


def _with_sources(entries: pa.Table) -> pa.Table:
    """Residual items tied to their source invoice; a year of nought is none."""
    year = pc.if_else(pc.equal(entries["source_fiscal_year"], 0), None, entries["source_fiscal_year"])
    place = entries.schema.get_field_index("source_fiscal_year")
    return _tied(entries.set_column(place, entries.schema.field(place), year))


def _tied(entries: pa.Table) -> pa.Table:
    """Residual items tied to their source invoice: year and line are taken from the list where only one line fits."""
    names = ("company_code", "source_document_number", "source_fiscal_year", "source_document_line")
    company, number, year, line = (entries[name].to_pylist() for name in names)
    partial = [r for r, n in enumerate(number) if n and (year[r] is None or line[r] is None)]
    if partial:
        wanted = {(company[r], number[r]) for r in partial}
        found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        keys = ("company_code", "document_number", "fiscal_year", "document_line")
        for code, document, y, item in zip(*(entries[key].to_pylist() for key in keys), strict=True):
            if (code, document) in wanted:
                found[code, document].append((y, item))
        for r in partial:
            fits = [f for f in found[company[r], number[r]] if year[r] in (None, f[0]) and line[r] in (None, f[1])]
            if len(fits) == 1:
                year[r], line[r] = fits[0]
    for name, values in (("source_fiscal_year", year), ("source_document_line", line)):
        made = pa.array([v if n else None for v, n in zip(values, number, strict=True)], COLUMNS[name].type)
        entries = entries.set_column(entries.schema.get_field_index(name), entries.schema.field(name), made)
    return entries


def _says_no_clearing(grid: Grid, profile: Profile) -> bool:
    """Whether a list of all items of customers or suppliers has no column that the profile knows for the day on which they were cleared."""
    columns = profile.targets[0].columns
    if "all_items" not in (grid.columns[SCOPE].to_pylist() if SCOPE in grid.columns else []):
        return False
    has = {
        name: any(grid.header(header) for header in columns.get(name, ()))
        for name in ("customer_code", "supplier_code", "clearing_date")
    }
    return (has["customer_code"] or has["supplier_code"]) and not has["clearing_date"]


def _as_postings(entries: pa.Table) -> pa.Table:
    """All items without their clearing are what was posted: they cannot say what is open."""
    place = entries.schema.get_field_index("extract_scope_code")
    scopes = entries["extract_scope_code"]
    is_all = pc.fill_null(pc.equal(scopes, "all_items"), False)
    return entries.set_column(place, entries.schema.field(place), pc.if_else(is_all, "postings", scopes))


def _no_clearing(grid: Grid, profile: Profile) -> list[Problem]:
    """Said of a list without a column of clearing, where headers that nobody knows could be that column by another name."""
    known = {plain(name) for names in profile.targets[0].columns.values() for name in names}
    unread = sorted(header for header in grid.columns if header not in known and not header.startswith(("list.", NAME)))
    values = {"unread": ", ".join(f"« {header} »" for header in unread)}
    table = profile.targets[0].table
    return [Problem("sap_clearing_absent", "warning", values, grid.file_name, None, table)] if unread else []


def _of_entries(entries: pa.Table, file_name: str, table: str) -> list[Problem]:
    found = []
    scopes, days = entries["extract_scope_code"], entries["extract_date"]
    if scopes.null_count:
        found.append(Problem("sap_scope_unknown", "refused", {}, file_name, None, table, "extract_scope_code"))
    dateless = pc.and_(pc.fill_null(pc.equal(scopes, "open_items"), False), pc.is_null(days))
    if pc.any(dateless).as_py():
        found.append(Problem("sap_extract_date_unknown", "refused", {}, file_name, None, table, "extract_date"))
    if "source_document_number" not in entries.column_names:
        return found
    key = ("company_code", "fiscal_year", "document_number", "document_line")
    source = ("company_code", "source_fiscal_year", "source_document_number", "source_document_line")
    pointing = entries.filter(pc.is_valid(entries["source_document_number"]))
    present = set(zip(*(entries[name].to_pylist() for name in key), strict=True)) if len(pointing) else set()
    absent = sum(row not in present for row in zip(*(pointing[name].to_pylist() for name in source), strict=True))
    if absent:
        found.append(Problem("sap_source_absent", "noted", {"count": absent}, file_name, None, table))
    return found
