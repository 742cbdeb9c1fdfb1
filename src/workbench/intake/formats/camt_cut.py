"""Entries cut out of a camt file before its tree is built: that tree was half the work of a statement of a million entries.

A second parser that builds nothing (expat) reads every byte, and what it has found well formed is cut at `<Ntry>` and `</Ntry>`; the tree
then gets an empty `<Ntry/>` in the place of each run of entries, and as many lines. Anything that could make the two readings differ is left to the tree:
entities, comments, CDATA, prefixes, attributes on the entry, a `>` in a text, large batches, encodings other than UTF-8, any error.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

_BEGIN, _END = b"<Ntry>", b"</Ntry>"
_INSIDE = re.compile(rb"<Ntry[\s/>]")  # an entry in an entry: its end is that of the wrong one
_Run = list[tuple[str, int]]  # entries with but blanks between them, each with its lines below the first
_MOST_TAGS = 400  # opening and closing: below the depth that libxml2 refuses, whatever their nesting
_LONGEST = 2**16  # bytes of an entry that waits for its end


@dataclass(frozen=True)
class Cut:
    """An entry as the file writes it, and the line on which it begins."""

    text: str
    sourceline: int


class Cutter:
    """Takes the bytes of a file in their order, gives back those that the tree needs, and keeps the entries that it cut."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(
            8
        )  # no file can know it: an element that bears it, and a number, stands for an entry
        self._count = 0
        self._runs: dict[str, _Run] = {}
        self._begun = False
        self._held = b""
        self._left_alone = False
        self._parser = expat.ParserCreate(namespace_separator=" ")  # so that it knows a prefix that nothing declares
        if hasattr(self._parser, "SetReparseDeferralEnabled"):
            self._parser.SetReparseDeferralEnabled(False)  # an error has to be known before anything behind it is cut

    def entries(self, element: Any) -> list[Cut]:
        """The entries that an element of the tree stands for; none for an element that the file wrote itself."""
        first = element.sourceline
        return [Cut(text, first + below) for text, below in self._runs.pop(element.get("cut"), ())]

    def leave_alone(self) -> None:
        """From here on nothing is cut."""
        self._left_alone = True

    def through(self, chunk: bytes) -> bytes:
        """The bytes for the tree, from those of the file; an empty chunk ends it. May hold some back until the next chunk, never at
        the end."""
        data, self._held = self._held + chunk, b""
        if not self._left_alone and not self._agrees(chunk):
            self._left_alone = True
        if self._left_alone or not chunk:
            return data
        return self._cut(data)

    def _agrees(self, chunk: bytes) -> bool:
        """Whether the file is well formed so far."""
        try:
            self._parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError):
            return False
        return True

    def _cut(self, data: bytes) -> bytes:
        tail = data.rfind(b"<")
        if tail >= 0 and data.find(b">", tail) < 0:  # a tag is never told from a comment by half
            data, self._held = data[:tail], data[tail:]
        after_declaration = 0 if self._begun else 4  # behind a mark of UTF-8 too
        self._begun = True
        if b"<!" in data or data.find(b"<?", after_declaration) >= 0:
            self._left_alone = True
            data, self._held = data + self._held, b""
            return data
        parts: list[bytes] = []
        run: _Run = []
        lines, done = 0, 0
        while (begin := data.find(_BEGIN, done)) >= 0:
            end = data.find(_END, begin)
            if end < 0:
                if len(data) - begin <= _LONGEST:
                    data, self._held = data[:begin], data[begin:] + self._held
                break
            end += len(_END)
            between, entry, done = data[done:begin], data[begin:end], end
            is_plain = _is_plain(entry)
            if run and is_plain and (not between or between.isspace()):
                lines += between.count(b"\n")
            else:
                parts += [self._standing_for(run, lines), between]
                run, lines = [], 0
            if is_plain:
                run.append((entry.decode("utf-8"), lines))
                lines += entry.count(b"\n")
            else:
                parts.append(entry)
        return b"".join([*parts, self._standing_for(run, lines), data[done:]])

    def _standing_for(self, run: _Run, lines: int) -> bytes:
        """The element that stands for a run of entries, with as many lines below it as they had."""
        if not run:
            return b""
        self._count += 1
        name = f"{self.mark}-{self._count}"  # by name, so that no entry can ever be taken for another
        self._runs[name] = run
        return f'<Ntry cut="{name}"/>'.encode() + b"\n" * lines


def _is_plain(entry: bytes) -> bool:
    """Whether the text of an entry can mean but one thing to the tree."""
    tags = entry.count(b"<")
    return (
        tags <= _MOST_TAGS
        and tags == entry.count(b">")
        and b"&" not in entry
        and b"\r" not in entry
        and not _INSIDE.search(entry, 1)
    )
