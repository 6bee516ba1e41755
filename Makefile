# mixpriv: every verb sets up what it needs. `make demo` and `make test` are the two to know.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Twice as many as there are cores: most tests wait, for the pace of a call a second.
PYTEST := $(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))') --dist worksteal
SOURCES := $(shell find mixpriv_reconcile schemas -name '__pycache__' -prune -o -type f -print 2>/dev/null)
# Azure Blob Storage on loopback, from npm; only the tests use it.
AZURITE := 3.35.0
# What editors ask about YAML, from npm; only the tests use it.
YAML_LANGUAGE_SERVER := 2.0.0
# GitHub's own evaluator of expressions in workflows, from npm; only the tests use it.
ACTIONS_EXPRESSIONS := 0.3.61
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: help demo test test-engines check crash bench generate lock clean

help:  ## List the verbs
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' Makefile

demo: $(VENV)/.installed  ## Set up and run the main job: validate, plan, apply and status of examples/quickstart
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/quickstart/demo.sh

test: $(VENV)/.tools  ## Set up and run the tests, against the built and installed wheel
	$(PYTEST)

test-engines: $(VENV)/.tools build/engines/.installed  ## As root, with Chromium, node, npm, javac, terraform, zsh, fish, shellcheck: file systems, pages, samples, editors, shells, recipes
	unshare -m $(BIN)/pytest -m "engines or stores"

check: $(VENV)/.tools  ## test, and lint (ruff), types (mypy strict), layers (import-linter)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

crash: $(VENV)/.tools  ## Kill runs at every write, fsync, rename and HTTP boundary; then let every write fail once (an hour)
	cd tests && ../$(BIN)/python -m crash
	$(PYTEST) -m disks -s

bench: $(VENV)/.tools  ## Measure every figure to reach, into benchmarks/RESULTS.md (half an hour, 3 GB; see benchmarks/)
	$(BIN)/python benchmarks/run.py --write

generate: $(VENV)/.tools  ## Write schemas/ and the generated pages of docs/ anew
	PYTHONPATH=. $(BIN)/python -m mixpriv_reconcile.render.schemas schemas
	PYTHONPATH=. $(BIN)/python -m mixpriv_reconcile.manifest.schema schemas
	$(BIN)/python docs/generate.py

lock:  ## Resolve all dependencies anew into constraints.txt
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	PIP_CONSTRAINT= build/lock/bin/pip install -q ".[sandbox,dev,engines]" hatchling
	build/lock/bin/pip freeze --exclude mixpriv-reconcile > constraints.txt

clean:  ## Remove what the other verbs made
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

build/engines/.installed: Makefile pyproject.toml constraints.txt $(VENV)/.tools
	@command -v shellcheck >/dev/null || { echo "shellcheck is missing: install it from the system's packages" >&2; exit 1; }
	mkdir -p build/engines
	$(BIN)/python -m pip install -q "$$(ls build/wheel/*.whl)[engines]"
	npm install --silent --no-fund --no-audit --no-save --prefix build/engines azurite@$(AZURITE) \
		yaml-language-server@$(YAML_LANGUAGE_SERVER) @actions/expressions@$(ACTIONS_EXPRESSIONS)
	@touch $@

$(VENV)/.installed: pyproject.toml constraints.txt README.md $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@rm -rf build/wheel
	@echo "building the wheel and installing it into $(VENV) …"
	@$(BIN)/python -m pip wheel -q --no-deps -w build/wheel .
	@$(BIN)/python -m pip install -q "$$(ls build/wheel/*.whl)[sandbox]"
	@$(BIN)/python -m pip install -q --no-deps --force-reinstall build/wheel/*.whl
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@$(BIN)/python -m pip install -q "$$(ls build/wheel/*.whl)[sandbox,dev]"
	@touch $@
