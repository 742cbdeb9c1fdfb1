"""One base, one class a cause. A message says what is wrong, where, and what to do; the class says how a command ends."""

from collections.abc import Mapping

from workbench.french import in_french, message_in_french


class WorkbenchError(Exception):
    """Anything the workbench refuses or cannot do.

    `what` is the fault, `where` the place (file:line, table.column, option), `remedy` what the reader can do about it.
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(" — ".join(part for part in (f"{where}: {what}" if where else what, remedy) if part))

    def said(self, lang: str) -> str:
        """The whole message in a language, `fr` or `en`."""
        if lang != "fr":
            return str(self)
        what, remedy = in_french(self.what), in_french(self.remedy)
        return " — ".join(part for part in (f"{self.where} : {what}" if self.where else what, remedy) if part)

    @property
    def line_number(self) -> int | None:
        """The line, where the place is file:line."""
        line = self.where.rpartition(":")[2]
        return int(line) if line.isdecimal() else None


class WrongUse(WorkbenchError):
    """The command or the call is wrong: unknown parameter, wrong type, out of range, forbidden name."""

    exit_code = 2


class AmountError(WorkbenchError):
    """A text cannot be read as an amount."""


class AmountNotExact(AmountError):
    """An amount is finer than a hundredth of its currency: it is refused, never rounded."""


class IdentifierError(WorkbenchError):
    """A bank identifier or tax identifier does not hold: wrong length, wrong characters, wrong key."""


class SchemaError(WorkbenchError):
    """A table does not have the columns or the types that its schema declares."""


class OutsideSpan(WorkbenchError):
    """A dated value or a calendar was asked for a date that it does not cover."""


class ReadingError(WorkbenchError):
    """A file cannot be read at all: wrong encoding, not the format announced, over a safety limit."""


class StoreError(WorkbenchError):
    """The store is damaged, absent, locked for too long, or asked for what it does not hold."""


class NothingKnown(StoreError):
    """The store was asked for an import that it does not hold, or an instant before its first one."""

    exit_code = 2


class QueryRefused(WrongUse):
    """A query is not one SELECT over the store, or takes longer than it was given."""


class RunError(WorkbenchError):
    """A report could not be made: the notebook failed, a check refused the page, the deadline or the memory ran out."""


class NotebookFailed(RunError):
    """A cell of a report ended with an error: `what` is its class and its whole message, as the kernel wrote it."""

    def said(self, lang: str) -> str:
        """The whole message in a language, that of the cell's error too where it is one of the house."""
        if lang != "fr":
            return str(self)
        told = message_in_french(self.what.partition(": ")[2])
        return f"{self.where} : {told or self.what} — {in_french(self.remedy)}"


class PackError(RunError):
    """Reports of a pack could not be made, each for its own reason."""

    def __init__(self, pack: str, failed: Mapping[str, WorkbenchError], remedy: str) -> None:
        self.failed = dict(failed)
        super().__init__("; ".join(f"{report}: {error}" for report, error in failed.items()), f"pack {pack}", remedy)

    def said(self, lang: str) -> str:
        """The whole message in a language, that of every reason."""
        if lang != "fr":
            return str(self)
        reasons = " ; ".join(f"{report} : {error.said(lang)}" for report, error in self.failed.items())
        return f"{self.where} : {reasons} — {in_french(self.remedy)}"


class Unanswerable(WorkbenchError):
    """The data given cannot answer the question (an open-items export asked for another date than its own)."""
