"""What every report uses, as an extension of the kernel: loaded while the kernel starts, so that no cell waits for it."""

import gc
from importlib import import_module
from typing import Any

MODULES = ("workbench.reporting.pages", "workbench.store")


def load_ipython_extension(_: Any) -> None:
    """Load the modules; no name reaches the notebook."""
    gc.disable()  # what is loaded stays: looking for garbage in it takes a fifth of the time
    for module in MODULES:
        import_module(module)
    gc.freeze()
    gc.enable()
