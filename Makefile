# What a person types. `make demo` and `make test` need Python 3.11 and nothing else; they make their environment themselves.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test check fix fuzz twice install lock audit clean

# the whole path on the example study: articles, codes, classifier, suggestions, report
demo: install
	$(BIN)/slantwise demo demo-study --again

# all tests; what needs Chromium or PostgreSQL is skipped with a word on how to install it
test: $(VENV)/.dev install
	$(BIN)/python -m pytest -n 2 -m "not perf"
	$(BIN)/python -m pytest -m perf tests

# what every commit passes: style, types, doctests
check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest corpus models annotate

# twenty thousand damaged files, feeds and pages; the tests try two thousand
fuzz: $(VENV)/.dev
	SLANTWISE_FUZZ=20000 $(BIN)/python -m pytest tests/reading/test_fuzz.py

# two of every command at once, on both databases and with Label Studio; the tests give a share
twice: $(VENV)/.dev
	SLANTWISE_TWICE=all $(BIN)/python -m pytest tests/house/test_python.py -k "test_two"

# let ruff mend what it can
fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# the product itself, installed as users have it: a copy, not a link to this folder
install: $(VENV)/.run
	$(PIP) install --quiet --no-deps --no-build-isolation --force-reinstall .

# the digests of all files that may be installed, after a change of pyproject.toml or constraints.txt
lock:
	$(PYTHON) -m venv --clear $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv==0.13.9
	$(VENV)-lock/bin/python .ci/lock.py
	rm -rf $(VENV)-lock

# known vulnerabilities of what requirements.lock names, where there is a network
audit:
	$(PYTHON) .ci/audit.py $(VENV)-audit

$(VENV)/.run: pyproject.toml constraints.txt requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what Slantwise needs (about 2 GB, a few minutes the first time) ..."
	$(BIN)/python .ci/locked_install.py
	touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what the tests need ..."
	$(BIN)/python .ci/locked_install.py dev postgres quality
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-lock $(VENV)-audit build *.egg-info demo-study .mypy_cache .ruff_cache .pytest_cache
