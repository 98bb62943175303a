# The verbs of this project. Each target makes what it needs first, so any of them works on a
# fresh machine with Python 3.11 or newer, git, make and a network. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The interpreter of a new environment, such as python3.12; without it, the newest on the PATH.
PYTHON ?=
WORKERS ?= 2
ARGS ?=

# Settings of the caller's shell that would change what is imported, or make every import slow.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

VENV := .venv
BIN := $(VENV)/bin
INPUTS := pyproject.toml src/whence/domain/version.py scripts/bootstrap
DEV := $(VENV)/.ready-dev
RUN := $(VENV)/.ready-run
# Whoever has the full environment runs the quickstart in it; others get the small one.
QUICKSTART := $(if $(wildcard $(DEV))$(filter-out run help,$(MAKECMDGOALS)),$(DEV),$(RUN))

.PHONY: help
help: ## List the verbs
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(DEV) ## Prepare .venv for development, with everything
	@:

$(DEV): requirements/test.txt $(INPUTS)
	@scripts/bootstrap sync $(VENV) requirements/test.txt $@ $(PYTHON)

$(RUN): requirements/run.txt $(INPUTS)
	@scripts/bootstrap sync $(VENV) requirements/run.txt $@ $(PYTHON)

.PHONY: run
run: $(QUICKSTART) ## Run the quickstart
	@$(BIN)/python examples/quickstart/quickstart.py $(ARGS)

.PHONY: test
test: $(DEV) ## Run all tests; ARGS="tests/unit -k name" runs a part
	@$(BIN)/python -m pytest -n $(WORKERS) $(or $(ARGS),-m "not torture")

.PHONY: coverage
coverage: $(DEV) ## Run all tests and say which lines none of them runs; takes twice as long
	@$(BIN)/python -m pytest -n $(WORKERS) --cov $(or $(ARGS),-m "not torture")

# What may differ from one interpreter to the next: the units, whole runs, and code that travels.
PORTABLE := tests/unit $(wildcard tests/integration/test_*_form.py \
    tests/integration/test_contract_*.py tests/integration/test_worker*.py)

.PHONY: test-python
test-python: ## Run the fast tests on another interpreter: PYTHON=python3.12
	@[ -n "$(PYTHON)" ] || { echo 'error: name one, as in `make test-python PYTHON=python3.12`' >&2; exit 1; }
	@$(MAKE) .venv-$(notdir $(PYTHON))/.ready-test
	@.venv-$(notdir $(PYTHON))/bin/python -m pytest -n $(WORKERS) -m "not heavy" \
	    $(or $(ARGS),$(PORTABLE))

.venv-%/.ready-test: requirements/core-test.txt $(INPUTS)
	@scripts/bootstrap sync .venv-$* requirements/core-test.txt $@ $(PYTHON)

.PHONY: check
check: $(DEV) ## Check lint, format, layers, types and locks; changes nothing
	@echo '==> ruff' && $(BIN)/ruff check --quiet && $(BIN)/ruff format --check --quiet --diff
	@echo '==> import-linter' && $(BIN)/lint-imports --no-logo
	@echo '==> pyright' && $(BIN)/pyright
	@echo '==> locks' && $(BIN)/python scripts/locks.py check
	@echo "==> TODO comments: $$(grep -rIw TODO src | wc -l | tr -d ' ')"

.PHONY: format
format: $(DEV) ## Format the code and apply the safe fixes
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

.PHONY: bench
bench: $(DEV) ## Measure the promises in numbers
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: torture
torture: $(DEV) ## Kill runs, workers and supervisors at random, count losses: ARGS="KILLS SEED"
	@$(BIN)/python -m pytest -n $(WORKERS) -m torture tests/faults tests/integration/test_kill_writers.py
	@$(BIN)/python -m tests.faults.torture $(ARGS)
	@$(BIN)/python -m tests.faults.kill_workers $(ARGS)

.PHONY: docs-check
docs-check: $(DEV) ## Check that the documentation is complete and its links resolve
	@$(BIN)/python -m pytest tests/architecture/test_docs.py

.PHONY: docs
docs: $(DEV) ## Write the reference pages from the docstrings
	@$(BIN)/python docs/generate_reference.py

.PHONY: lock
lock: ## Compile requirements/*.txt again; UPGRADE=1 takes the newest versions
	@scripts/bootstrap tools
	@.tools/bin/python scripts/locks.py write $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## Remove environments, caches and build products
	rm -rf $(VENV) .venv-* .venv*.lock .tools .peers build dist htmlcov .coverage* .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests examples benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
