# The one way to set up, check and build nhs-league. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
QUARTER ?= 2025Q2
TRUST ?= RCX
AXE := 4.14.1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  Variables: PYTHON=$(PYTHON) VENV=$(VENV) QUARTER=$(QUARTER) TRUST=$(TRUST)"

# Setting up. `demo` needs the tool alone; everything else needs the development extras too.

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { \
		echo "nhs-league needs Python 3.11 or newer, and '$(PYTHON)' was not found." >&2; \
		echo "Name another interpreter: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "nhs-league needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another interpreter: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.demo: pyproject.toml | $(VENV)/.created
	@echo "Installing nhs-league in $(VENV)" >&2
	@$(PIP) install --quiet -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.created
	@echo "Installing nhs-league and its development tools in $(VENV)" >&2
	@$(PIP) install --quiet -e '.[dev]'
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: pyproject.toml | $(VENV)/.created
	@echo "Installing nhs-league, its development tools and what it is measured against in $(VENV)" >&2
	@$(PIP) install --quiet -e '.[dev,bench]'
	@touch $@ $(VENV)/.installed $(VENV)/.demo

# What tests/browser checks pages with. Where npm cannot fetch it, they are skipped, but not in CI.
$(VENV)/.axe-core-$(AXE): | $(VENV)/.created
	@if command -v npm >/dev/null && npm install --prefix $(VENV)/browser --no-save \
		--no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
		--fetch-retries=1 --fetch-timeout=60000 axe-core@$(AXE) >/dev/null; then touch $@; else \
		echo "npm did not fetch axe-core: pages are not checked for accessibility" >&2; fi

.PHONY: demo
demo: $(VENV)/.demo ## Rank every trust, then explain one, from the bundled sample
	$(BIN)/nhs-league rank --quarter $(QUARTER)
	$(BIN)/nhs-league explain $(TRUST) --quarter $(QUARTER)

.PHONY: test
test: $(VENV)/.installed $(VENV)/.axe-core-$(AXE) ## Run the tests
	$(BIN)/python -m pytest -n auto

# The parts of `check`, in the order that fails soonest.

.PHONY: check
check: fmt-check lint type cover docs-check ## Run everything CI runs: format, lint, types, coverage, docs

.PHONY: fmt-check
fmt-check: $(VENV)/.installed ## Check the format
	$(BIN)/ruff format --check .

.PHONY: lint
lint: $(VENV)/.installed ## Lint
	$(BIN)/ruff check .

.PHONY: type
type: $(VENV)/.installed ## Check the types
	$(BIN)/mypy

# The tests in a browser are left to `test`: what they run outside it, others cover.
.PHONY: cover
cover: $(VENV)/.installed ## Run the tests and hold the branch-coverage gate
	$(BIN)/python -m pytest -n auto --ignore=tests/browser --cov --cov-report=term-missing:skip-covered

.PHONY: docs-check
docs-check: $(VENV)/.installed ## Check that the generated documentation is in step
	$(BIN)/python -m tools.docs --check

.PHONY: fmt
fmt: $(VENV)/.installed ## Format, and mend what the linter can mend
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(VENV)/.installed ## Regenerate the generated documentation and schemas
	$(BIN)/python -m tools.docs

.PHONY: golden
golden: $(VENV)/.installed ## Rewrite the golden files (then read the diff)
	$(BIN)/python -m pytest tests/golden --update-golden

.PHONY: bench
bench: $(VENV)/.bench ## Measure speed
	$(BIN)/python bench/run.py

.PHONY: wheel
wheel: $(VENV)/.installed ## Build the sdist and the wheel in dist/
	rm -rf dist
	$(BIN)/python -m build

.PHONY: clean
clean: ## Remove what was built and cached (not the virtual environment)
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find src tests tools bench -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
