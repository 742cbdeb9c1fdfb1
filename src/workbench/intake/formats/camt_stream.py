"""The XML of a camt message, an entry at a time: nothing that a file can hold may expand, call out, recurse or fill the memory.

A DOCTYPE is refused before the document is parsed (it is where entities come from), libxml2 keeps its own limits (256 levels,
10 million characters a text, no network), and between two entries at most `LONGEST_STRETCH` bytes are read. An entry leaves the
tree when the next one is complete, never earlier: the parser still stands on it.
"""

import codecs
import contextlib
import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from lxml import etree

from workbench.errors import WorkbenchError
from workbench.intake.formats.camt_cut import Cutter

LONGEST_STRETCH = 64 * 2**20  # bytes between two entries: the largest batch of details that is read
_PROLOG = 2**16  # bytes in which the root element begins in any message that a bank writes
_CHUNK = 2**16
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODING = {
    etree.ErrorTypes.ERR_INVALID_ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
    etree.ErrorTypes.ERR_INVALID_CHAR,
    etree.ErrorTypes.ERR_SPACE_REQUIRED,  # what libxml2 says of bytes that do not follow a declared UTF-16
}
_LIMITS = {etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG}


class XmlFault(WorkbenchError):
    """The file cannot be read further. `code` is that of a problem, `line` where it was met; `is_all` where what came before it
    cannot be trusted either."""

    def __init__(self, code: str, line: int, reason: str = "", is_all: bool = False) -> None:
        self.code, self.line, self.reason, self.is_all = code, max(line, 1), reason, is_all
        super().__init__(f"line {self.line}: {code}")


class _RootMet(Exception):
    """The root element begins: no DOCTYPE can follow."""


class LocalNames(dict[Any, str]):
    """Tag as the parser writes it ({namespace}name) → name; each spelling is worked out once."""

    def __missing__(self, tag: Any) -> str:
        name = self[tag] = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        return name


def elements(path: Path, tags: tuple[str, ...], repeated: str) -> Iterator[tuple[str, Any, Any]]:
    """Name, element and parent of the elements of these local names, each when it is complete; it is freed when the next one is.

    `repeated` names those that stand by the million: the others only lose what they hold, and of these most come as a `Cut`.

    Raises `XmlFault` where the file is no XML that can be trusted, after the elements that came before it.
    """
    with path.open("rb") as file:
        _refuse_doctype(file.read(_PROLOG))
        file.seek(0)
        source = _Source(file)
        wanted = [f"{{*}}{tag}" for tag in tags]
        parsed = etree.iterparse(
            source,
            events=("end",),
            tag=wanted,
            remove_blank_text=True,
            remove_comments=True,
            remove_pis=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
        with _uncollected():
            yield from _freed(parsed, source, repeated)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: a million short-lived lists make none, and looking for them took a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _freed(parsed: Any, source: "_Source", repeated: str) -> Iterator[tuple[str, Any, Any]]:
    names, previous, before, line = LocalNames(), None, None, 1
    try:
        for _, element in parsed:
            source.stretch = 0
            if previous is not None and before is not None:
                before.remove(previous)
            elif element.getroottree().docinfo.internalDTD is not None:
                raise XmlFault("camt_doctype", 1, is_all=True)
            name, before = names[element.tag], element.getparent()
            previous = element if name == repeated else None
            cut = [] if previous is None else source.cutter.entries(element)
            for each in cut or [element]:
                yield name, each, before
            if previous is None:
                line = element.sourceline
                element.clear(keep_tail=True)
    except etree.XMLSyntaxError as error:
        raise _fault(error, source.is_ended, line) from error


def _fault(error: Any, is_ended: bool, last_line: int) -> XmlFault:
    """What a syntax error means. Met after the last byte, it says that more was to come."""
    code, line, reason = "camt_malformed", (error.position or (0, 0))[0], str(error.msg or "")
    if not line:  # libxml2 stopped at an earlier error, an undeclared entity, and only its log says which
        cause = error.error_log.last_error
        line, reason = (cause.line, cause.message) if cause is not None else (last_line, reason)
    elif error.code in _ENCODING:
        code = "camt_encoding"
    elif error.code in _LIMITS:
        code = "camt_limits"
    elif is_ended and error.code != etree.ErrorTypes.ERR_DOCUMENT_EMPTY:
        code = "camt_cut"
    return XmlFault(code, line, reason.partition(", line ")[0])


def _refuse_doctype(start: bytes) -> None:
    """`XmlFault` at a DOCTYPE before the root element. Other faults of the prolog are left to the reading itself."""

    def refuse(*_: object) -> None:
        raise XmlFault("camt_doctype", parser.CurrentLineNumber, is_all=True)

    def stop(*_: object) -> None:
        raise _RootMet

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, stop
    try:
        parser.Parse(start, False)
    except (expat.ExpatError, _RootMet, LookupError, ValueError):
        return


class _Source:
    """The bytes of a file as the parser asks for them: counted since the last element, and held to their declared encoding."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.stretch, self.line = file, 0, 1
        self.declared, self.doubtful, self.is_ended = "", 0, False
        self._decoder: Any = None
        self.cutter = Cutter()

    def read(self, _size: int = -1) -> bytes:
        """The next bytes, without the entries that are cut. `XmlFault` where too many were read without an element, or where they deny their encoding."""
        while chunk := self._next():
            if kept := self.cutter.through(chunk):  # no bytes would end the document
                return kept
        return self.cutter.through(b"")

    def _next(self) -> bytes:
        chunk = self.file.read(_CHUNK)
        if self.file.tell() <= _CHUNK and chunk:
            self._begin(chunk)
        self.stretch += len(chunk)
        self.is_ended = not chunk
        if self.stretch > LONGEST_STRETCH:
            raise XmlFault("camt_limits", self.line, f"{LONGEST_STRETCH} bytes without an entry")
        if self._decoder is not None:
            self._watch(chunk)
        self.line += chunk.count(b"\n")
        return chunk

    def _begin(self, chunk: bytes) -> None:
        found = _DECLARED.match(chunk.removeprefix(codecs.BOM_UTF8))
        self.declared = found[1].decode() if found else "utf-8"
        try:
            name = codecs.lookup(self.declared).name
        except LookupError:
            self.cutter.leave_alone()
            return  # the parser says so itself
        if name != "utf-8" or chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.cutter.leave_alone()
        if name != "utf-8" and not name.startswith("utf-16"):
            self._decoder = codecs.getincrementaldecoder("utf-8")()

    def _watch(self, chunk: bytes) -> None:
        """One byte a character is declared; bytes beyond ASCII that are all UTF-8 can only be UTF-8."""
        if not self.doubtful and not chunk.isascii():
            before = next(n for n, byte in enumerate(chunk) if byte > 127)
            self.doubtful = self.line + chunk.count(b"\n", 0, before)
        try:
            self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            self._decoder = None
            return
        if not chunk and self.doubtful:
            raise XmlFault("camt_encoding", self.doubtful, f"{self.declared} ≠ utf-8", is_all=True)
