# Two commands are enough: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
DATA ?= ./var
VENV ?= .venv
BIN := $(VENV)/bin
WORDS := kbserver/translations
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint format messages bench clean help

##@ Use
run: $(VENV)/.installed ## install what is missing, prepare the data folder, serve the site on http://127.0.0.1:$(PORT)
	@KB_DATA_DIR=$(DATA) $(BIN)/kb serve --port $(PORT)

##@ Work on it
test: $(VENV)/.dev ## run the test suite (slow cases left out)
	$(BIN)/python -m pytest -q -rs

test-slow: $(VENV)/.dev ## run only the minutes-long cases: kill loops, whole data sets
	$(BIN)/python -m pytest -q -rs -m slow

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(VENV)/.dev ## rewrite the code in the house format
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

messages: $(VENV)/.dev ## bring the Chinese catalogue in step with the code; new sentences get an empty line to fill
	$(BIN)/pybabel -q extract -F $(WORDS)/babel.cfg -k N_ --no-location --sort-output --no-wrap --omit-header -o $(WORDS)/messages.pot kbserver
	$(BIN)/pybabel -q update -i $(WORDS)/messages.pot -d $(WORDS) -l zh --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap
	$(BIN)/pybabel -q compile --use-fuzzy -d $(WORDS) -l zh # without a header Babel takes the catalogue for unfinished
	@rm $(WORDS)/messages.pot

##@ Measure
bench: $(VENV)/.bench ## start, growth, indexing, memory and the peers
	KB_DATA_DIR=$(DATA) $(BIN)/python -m tests.bench

clean: ## remove the virtual environment; data and articles stay
	rm -rf $(VENV)

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make run PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev,bench]'
	@touch $@ $(VENV)/.installed $(VENV)/.dev
