# Two commands: `make demo` and `make test`. Each sets up what it needs.
# The locks are complete: --no-deps keeps pip from asking for extras that a lock does not name.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OFFICE ?= data/office/demo
CUSTOMERS ?= 3000
MONTHS ?= 24

BENCH_ROWS ?=
FUZZ_ROUNDS ?= 10

.PHONY: demo test check lab bench faults fuzz clean lock
.DEFAULT_GOAL := demo

$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-test.lock
	touch $@

demo: $(VENV)/.run  ## a made-up office, its files imported, twelve weekly cash plans logged, its pages made; a smaller office than the full one, and it says so
	$(BIN)/python -m workbench demo --office "$(OFFICE)" --customers $(CUSTOMERS) --months $(MONTHS) --seed 1
	$(BIN)/python -m workbench import --office "$(OFFICE)" || test $$? -eq 3
	$(BIN)/python -m workbench plan --office "$(OFFICE)" --origins 12 || test $$? -eq 3
	$(BIN)/python -m workbench run --pack demo --office "$(OFFICE)"

test: check  ## everything that CI must hold
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest -n 2 -m "not faults" --cov --cov-report= --cov-fail-under=0
	$(BIN)/python -m pytest -m faults --cov --cov-append --cov-report=term  # alone: they watch the clock and the processes

check: $(VENV)/.test  ## its fast static part
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lab: $(VENV)/.run
	WORKBENCH_OFFICE="$(OFFICE)" $(BIN)/jupyter lab notebooks

bench: $(VENV)/.test  ## the races against peers, at the sizes promised (BENCH_ROWS=100000 for a short try); writes benchmarks/RESULTS.md
	$(if $(BENCH_ROWS),BENCH_ROWS=$(BENCH_ROWS) )$(BIN)/python -m benchmarks.results

faults: $(VENV)/.test  ## the long kill, full-disk and fuzz runs
	WORKBENCH_FAULT_ROUNDS=1000 $(BIN)/python -m pytest -m faults

fuzz: $(VENV)/.test  ## the invariants on new random cases, FUZZ_ROUNDS times over
	for round in $$(seq $(FUZZ_ROUNDS)); do WORKBENCH_FUZZ=1 $(BIN)/python -m pytest -n 2 -m "hypothesis and not faults" -p no:cacheprovider || exit 1; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.*

lock:  ## needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra postgres --extra schedule --group build --upgrade pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra postgres --extra schedule --extra spark --group build --group test -c requirements.lock pyproject.toml -o requirements-test.lock
