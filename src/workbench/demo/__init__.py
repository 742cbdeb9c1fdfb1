"""A made-up office with known truth, for demonstrations, tests and benchmarks."""

from workbench.demo.office import make_office
from workbench.demo.parquet import write_parquet

__all__ = ["make_office", "write_parquet"]
