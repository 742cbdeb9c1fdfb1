"""Tables kept so that nothing is lost and any past state can be read again."""

from workbench.store.audit import history, verify
from workbench.store.query import query
from workbench.store.tables import Office, Writer, create_office, open_office, open_table, writer
from workbench.store.upkeep import compact, vacuum

__all__ = [
    "Office",
    "Writer",
    "compact",
    "create_office",
    "history",
    "open_office",
    "open_table",
    "query",
    "vacuum",
    "verify",
    "writer",
]
