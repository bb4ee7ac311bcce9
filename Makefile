# Everything rojsat does from a shell. `make` alone lists it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export NO_ALBUMENTATIONS_UPDATE = 1
export MLFLOW_DISABLE_TELEMETRY = true
export DVC_NO_ANALYTICS = 1

.DEFAULT_GOAL := help
.PHONY: help env repro compare full pdf test check bench ui lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/ready: requirements.txt setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13) and "rojsat needs Python 3.11 to 3.13: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	awk '/^[a-z]/ {keep = /^uv==/} keep' requirements.txt > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

env: $(VENV)/ready ## build the environment from the lock

REPRO := PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m rojsat.repro
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

repro: env ## the pipeline, JOBS stages side by side (default: one a core), or what GOALS names of it
	$(REPRO) --jobs $(JOBS) $(GOALS)

compare: env ## the metrics of the pipeline beside those in git
	$(REPRO) compare

full: env ## what the page shows at the length of the study, JOBS trainings side by side (hours on a CPU)
	$(REPRO) full --jobs $(JOBS) $(GOALS)

pdf: env ## reports/study.html as PDF, with headless Chromium
	$(BIN)/python -m rojsat.stages.study_pdf

test: env ## run the tests
	$(BIN)/pytest

check: env ## lint, types, layers, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pip check --disable-pip-version-check

bench: env ## measure what docs/benchmarks.md states
	$(BIN)/python -m bench

ui: env ## the MLflow UI at http://127.0.0.1:5000
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow ui --workers 1 --backend-store-uri sqlite:///mlruns/mlflow.db --port 5000

lock: ## renew requirements.txt from setup.cfg
	$(BIN)/uv pip compile setup.cfg --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.txt --upgrade

clean: ## delete the environment and all results that git does not keep (data, reports, runs)
	rm -rf $(VENV) mlruns/* .dvc/cache .dvc/tmp
	git clean -qfdX data reports
