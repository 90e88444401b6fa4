# Three commands do everything: `make demo`, `make test`, `make bench` (quickly: `make bench ARGS=--quick`).
# Each makes its own virtual environment.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := .venv-demo
BENCH  := .venv-bench

.PHONY: bench demo test test-full e2e-deps clean

demo: $(DEMO)/ready
	@$(DEMO)/bin/python -m vipswitch.demo

test: $(VENV)/ready
	@$(BIN)/python tests/tiers.py

test-full: $(VENV)/ready
	@$(BIN)/python tests/tiers.py --full

bench: $(BENCH)/ready
	@$(BENCH)/bin/python -m bench $(ARGS)

e2e-deps:
	@tests/e2e/install-deps

$(VENV)/ready: pyproject.toml $(wildcard hooks/installed/*)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(DEMO)/ready: pyproject.toml $(wildcard hooks/installed/*)
	@$(PYTHON) -m venv $(DEMO)
	@$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(BENCH)/ready: pyproject.toml $(wildcard hooks/installed/*)
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) $(BENCH)
