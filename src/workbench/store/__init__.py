"""Tables kept so that nothing is lost and any past state can be read again."""

from workbench.store.audit import compact, history, query, verify
from workbench.store.tables import Office, Writer, create_office, open_office, open_table, writer

__all__ = [
    "Office",
    "Writer",
    "compact",
    "create_office",
    "history",
    "open_office",
    "open_table",
    "query",
    "verify",
    "writer",
]
