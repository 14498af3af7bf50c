# The one way to set up, check and build nhs-league. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
QUARTER ?= 2025Q2
TRUST ?= RCX
EXAMPLES ?= 2000
AXE := 4.14.1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  Variables: PYTHON=$(PYTHON) VENV=$(VENV) QUARTER=$(QUARTER) TRUST=$(TRUST) EXAMPLES=$(EXAMPLES)"

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

# The tests measure their branch coverage as they go: `check` runs them only where something has
# changed since they last passed.
RUN_TESTS = $(BIN)/python -m pytest -n auto --cov --cov-report= && touch $(VENV)/.tested
TESTED_FILES := $(shell find src configs data tests tools bench docs *.md Makefile pyproject.toml \
	-type f -not -path '*/__pycache__/*')

.PHONY: test
test: $(VENV)/.installed $(VENV)/.axe-core-$(AXE) ## Run the tests
	$(RUN_TESTS)

$(VENV)/.tested: $(VENV)/.installed $(TESTED_FILES) | $(VENV)/.axe-core-$(AXE)
	$(RUN_TESTS)

.PHONY: fuzz
fuzz: $(VENV)/.installed ## Fuzz every input: EXAMPLES cases of each kind
	NHS_LEAGUE_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n auto tests/fuzz

# Apart from the rest, so that what audits is not audited with it.
$(VENV)/audit/.installed: | $(VENV)/.created
	@$(BIN)/python -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check install --quiet 'pip-audit>=2.10,<3'
	@touch $@

.PHONY: audit-dependencies
audit-dependencies: $(VENV)/.installed $(VENV)/audit/.installed ## Look every dependency up among known advisories
	@$(BIN)/python -m tools.dependencies $(VENV)/audit/bin/pip-audit

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

.PHONY: cover
cover: $(VENV)/.tested ## Hold the branch-coverage gate, after the tests
	$(BIN)/coverage report

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
bench: $(VENV)/.bench ## Measure speed against public packages, for docs/performance.md
	$(BIN)/python bench/run.py --json docs/performance.json
	$(BIN)/python -m tools.performance

.PHONY: wheel
wheel: $(VENV)/.installed ## Build the sdist and the wheel in dist/
	rm -rf dist
	$(BIN)/python -m build

.PHONY: clean
clean: ## Remove what was built and cached (not the virtual environment)
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	rm -f $(VENV)/.tested
	find src tests tools bench -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
