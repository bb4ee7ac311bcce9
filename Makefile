# Everything rojsat does from a shell. `make` alone lists it.
PYTHONS := 3.11 3.12 3.13
PYTHON ?= python3
# an environment of its own for every Python but the default one: .venv, .venv-3.13
VENV ?= .venv$(patsubst python%,-%,$(filter-out python3,$(notdir $(PYTHON))))
BIN := $(VENV)/bin
export NO_ALBUMENTATIONS_UPDATE = 1
export MLFLOW_DISABLE_TELEMETRY = true
export DVC_NO_ANALYTICS = 1

.DEFAULT_GOAL := help
.PHONY: help env demo demo-map demo-finland repro compare full pdf test test-all quicktest check bench ui lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# what it costs, measured on Linux x86_64 with Python 3.11: 320 packages; 5 GB of them are CUDA, which torch loads on machines
# without a GPU too: the torchvision of the package index is linked to the torch with CUDA, and refuses one without
COST := 7.5 GB of disk, up to 3.5 GB of downloads, then one to two minutes of one core

$(VENV)/ready: requirements.txt setup.cfg pyproject.toml
	@echo "building the environment in $(VENV) from requirements.txt: $(COST)"
	.ci/python $(PYTHON) > /dev/null
	$$(.ci/python $(PYTHON)) -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv and "rojsat needs one of Python $(PYTHONS): make env PYTHON=python3.12")' $(PYTHONS)
	$$(.ci/python $(PYTHON)) -m venv $(VENV)
	awk '/^[a-z]/ {keep = /^uv==/} keep' requirements.txt > $(VENV)/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

env: $(VENV)/ready ## build the environment from the lock

REPRO := PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m rojsat.repro
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

repro: env ## the pipeline, JOBS stages side by side (default: one a core), or what GOALS names of it
	@$(REPRO) $(GOALS) jobs=$(JOBS)

DEMO := exp=demo

demo: env ## a first look: a small simulated world, one trained U-Net, one page; about two minutes
	@$(BIN)/python -m rojsat.run $(DEMO)
	@$(BIN)/python -m rojsat.stages.page_run $(DEMO)

demo-map: env ## from nothing to a map of 60 stands, beside the truth that the simulated world knows; three minutes of CPU
	@$(BIN)/python -m bench.demo_map

demo-finland: env ## an evening with Finnish stands without the Internet: from a municipality's name to stands in hectares
	@$(BIN)/python -m bench.demo_finland

compare: env ## the metrics of the pipeline beside those in git, or in another commit: GOALS=HEAD~1
	@$(REPRO) compare $(GOALS)

full: env ## what the page shows at full length, JOBS trainings side by side (hours on a CPU)
	@$(REPRO) full $(GOALS) jobs=$(JOBS)

pdf: env ## reports/study.html as PDF, with headless Chromium
	$(BIN)/python -m rojsat.stages.page_pdf

TESTS ?= tests
PYTEST := $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test: env ## run the tests on all cores, or some: TESTS=tests/geo; on another Python: PYTHON=python3.13
	$(PYTEST) $(TESTS)

quicktest: env ## run the tests that are not marked slow
	$(PYTEST) -m "not slow" $(TESTS)

test-all: ## run the tests on every Python that rojsat promises and this machine has
	.ci/test-all $(PYTHONS)

check: env ## lint, types, layers, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pip check --disable-pip-version-check

bench: env ## measure what docs/benchmarks.md states
	$(BIN)/python -m bench

PORT ?= 5000

ui: env ## the MLflow UI of all runs; PORT=5001 where 5000 is in use
	$(BIN)/python -m rojsat.stages.ui port=$(PORT)

lock: ## write requirements.txt from setup.cfg; versions stay unless UPGRADE=--upgrade
	$(BIN)/uv pip compile setup.cfg --all-extras --universal --python-version $(firstword $(PYTHONS)) --generate-hashes --no-emit-index-url --no-header --output-file requirements.txt $(UPGRADE)

clean: ## delete the environment and all results that git does not keep (data, reports, runs)
	rm -rf .venv .venv-* mlruns/* .dvc/cache .dvc/tmp
	git clean -qfdX data reports
