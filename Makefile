# Everything a fresh machine needs is Python >= 3.11 and make. Each target sets up what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# The one on the machine, else one of our own in the environment.
UV = $(or $(shell command -v uv),$(BIN)/uv)
export UV_NO_PROGRESS := 1
export DO_NOT_TRACK := 1

.PHONY: run test test-long check bench bench-api bench-attribution bench-causal bench-identity bench-sentiment truth format docs lock dev clean

run: $(VENV)/.user-ready  ## the nightly on the embedded demo
	@$(BIN)/ror demo

test: $(VENV)/.developer-ready  ## all tests but the long simulations
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: $(VENV)/.developer-ready  ## crash simulations on demand
	$(BIN)/pytest -q -n 2 --no-loadscope-reorder -m long

check: $(VENV)/.developer-ready  ## lint, types, import rules, SQL format, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfmt --check --quiet dbt_project
	$(BIN)/python -m pipelines.docs --check

bench: $(VENV)/.developer-ready  ## five million interactions, beside plain DuckDB
	$(BIN)/python -m benchmarks.nightly

bench-api: $(VENV)/.developer-ready  ## a million messages of an API, beside dlt's own way and plain DuckDB
	$(BIN)/python -m benchmarks.api_messages

bench-attribution: $(VENV)/.developer-ready  ## paths, chains and customers beside ChannelAttribution and lifetimes
	@test -x $(VENV)/oracle/bin/python || $(PYTHON) -m venv $(VENV)/oracle
	@VIRTUAL_ENV=$(CURDIR)/$(VENV)/oracle $(UV) pip install --quiet --group oracle duckdb pyarrow
	$(BIN)/python -m benchmarks.attribution --peer $(VENV)/oracle/bin/python
	$(BIN)/python -m benchmarks.attribution_credits

bench-causal: $(VENV)/.developer-ready  ## moments of a million people; csdid beside us where it is installed
	$(BIN)/python -m benchmarks.causal

bench-identity: $(VENV)/.developer-ready  ## a million identifiers closed into persons
	$(BIN)/python -m benchmarks.identity

truth: $(VENV)/.developer-ready  ## acceptance of the causal estimates on planted worlds; OPTIONS="--seeds 40 --first-seed 1000 --scenario S1"
	$(BIN)/python -m benchmarks.truth $(OPTIONS)

bench-sentiment: $(VENV)/.developer-ready  ## sentiment beside VADER and scikit-learn, installed for it only
	@VIRTUAL_ENV=$(CURDIR)/$(VENV)-bench $(BIN)/python -m venv $(VENV)-bench
	@VIRTUAL_ENV=$(CURDIR)/$(VENV)-bench $(UV) pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV)-bench $(UV) pip install --quiet vaderSentiment==3.3.2 scikit-learn==1.7.2
	PYTHONPATH=$(CURDIR) $(VENV)-bench/bin/python -m benchmarks.sentiment
	$(BIN)/python -m benchmarks.sentiment_asset

format: $(VENV)/.developer-ready
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .
	$(BIN)/sqlfmt --quiet dbt_project

docs: $(VENV)/.developer-ready  ## write the generated pages
	$(BIN)/python -m pipelines.docs

dev: $(VENV)/.user-ready  ## Dagster's web page on this machine only
	@$(BIN)/ror dagster-home >/dev/null
	DAGSTER_HOME=$$($(BIN)/ror dagster-home) $(BIN)/dagster dev --host 127.0.0.1

lock: $(VENV)/.uv-ready  ## pin again after a change of pyproject.toml
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml -o requirements.lock
	$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) $(VENV)-bench

$(VENV)/.uv-ready: Makefile
	@$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@touch $@

$(VENV)/.user-ready: $(VENV)/.uv-ready requirements.lock pyproject.toml
	@echo "setting up the locked environment in $(VENV) ..."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --no-deps -e .
	@touch $@

$(VENV)/.developer-ready: $(VENV)/.user-ready requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@
