"""Rows that wait for the end of an import: in memory while they are few, in a file beside the tables once they are many.

So an import may be larger than the memory. The file is of the import alone: it goes with it, or with the next writer where the
import was killed.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

MEMORY_BYTES = 256 << 20  # of the rows of one table
FOLDER = ".spool"  # in the store's folder: the disk that will hold the rows anyway


class Spool:
    """The rows of one table, in the order given."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        self._path, self._schema = folder / FOLDER / f"{name}.arrow", schema
        self._parts: list[pa.Table] = []
        self._held_bytes = 0
        self._written: pa.OSFile | None = None
        self._stream: pa.RecordBatchStreamWriter | None = None
        self.row_count = 0

    def __len__(self) -> int:
        return self.row_count

    def add(self, rows: pa.Table) -> None:
        """Add rows of the table's own schema."""
        self.row_count += len(rows)
        self._parts.append(rows)
        self._held_bytes += rows.nbytes
        if self._held_bytes > MEMORY_BYTES:
            self._let_go()

    def _let_go(self) -> None:
        if self._stream is None:
            self._path.parent.mkdir(exist_ok=True)
            self._written = pa.OSFile(str(self._path), "wb")
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._stream = pa.ipc.new_stream(self._written, self._schema, options=options)
        for part in self._parts:
            self._stream.write_table(part, max_chunksize=100_000)
        self._parts, self._held_bytes = [], 0

    def tables(self) -> Iterator[pa.Table]:
        """The rows again, a piece at a time; nothing can be added after."""
        if self._stream is not None and self._written is not None:
            self._let_go()
            self._stream.close()
            self._written.close()
            with pa.OSFile(str(self._path), "rb") as kept, pa.ipc.open_stream(kept) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])
        yield from self._parts

    def reader(self) -> pa.RecordBatchReader:
        """The rows as one stream."""
        batches = (batch for part in self.tables() for batch in part.to_batches())
        return pa.RecordBatchReader.from_batches(self._schema, batches)


def clear(folder: Path) -> None:
    """Take away what an import kept here; only for who holds the store."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
