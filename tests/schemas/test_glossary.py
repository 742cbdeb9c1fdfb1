from workbench.schemas.columns import COLUMNS
from workbench.schemas.glossary import glossary
from workbench.schemas.tables import TABLES


def test_every_column_and_table_is_there_once() -> None:
    lines = glossary().splitlines()
    for name in COLUMNS:
        assert sum(line.startswith(f"| `{name}` |") for line in lines) == 1
    for name in TABLES:
        assert lines.count(f"### {name}") == 1
    widths = {line.replace("\\|", "").count("|") for line in lines if line.startswith("|")}
    assert widths == {8}
