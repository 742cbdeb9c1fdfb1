"""Mirrors reporting/loaded.py: the kernel's extension is one, loads what it names and hands the collector back."""

import gc
import subprocess
import sys
from importlib import import_module

from workbench.reporting import loaded, sandbox


def test_the_extension_that_the_sandbox_names_is_this_one() -> None:
    (named,) = (text for text in sandbox.KERNEL_ARGUMENTS if "extensions=" in text)
    assert import_module(named.partition("=")[2]) is loaded


def test_it_loads_its_modules_and_the_collector_runs_again() -> None:
    code = "from workbench.reporting import loaded; import sys, gc; loaded.load_ipython_extension(None)"
    code += "; print(gc.isenabled(), all(name in sys.modules for name in loaded.MODULES))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
    assert gc.isenabled()


def test_the_command_line_starts_without_pandas_and_without_a_notebook() -> None:
    code = "import sys, workbench.cli; from workbench.pipeline import runs"
    code += "; print([name for name in ('pandas', 'IPython', 'nbconvert', 'papermill') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
