# Everything rojsat does from a shell. `make` alone lists it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export NO_ALBUMENTATIONS_UPDATE = 1
export MLFLOW_DISABLE_TELEMETRY = true
export DVC_NO_ANALYTICS = 1

.DEFAULT_GOAL := help
.PHONY: help env repro long paper pdf test check bench ui lock clean

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

DVC := PATH="$(abspath $(BIN)):$$PATH" dvc
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
named = $(shell $(DVC) stage list dvc.yaml --name-only | grep -E '^($(1))')

repro: env ## the whole pipeline, JOBS stages side by side (default: one a core), or what GOALS names of it
ifdef GOALS
	$(DVC) repro $(GOALS)
else
	$(MAKE) --jobs $(JOBS) $(addprefix whole-,$(call named,chips@))
	$(MAKE) --jobs $(JOBS) $(addprefix single-,$(call named,train@|unet_roi6@))
	$(MAKE) --jobs $(JOBS) $(addprefix single-,$(call named,search@|edges@|figures@|inspect@|study_data))
	$(DVC) repro
endif

whole-%: # a stage and what it needs; DVC lets go of its lock while a command runs
	$(DVC) --wait-for-lock repro $*

single-%: # a stage whose inputs are there
	OMP_NUM_THREADS=1 $(DVC) --wait-for-lock repro --single-item $*

long: env ## anew what the page shows at the length of the study, JOBS trainings side by side (hours on a CPU)
	$(MAKE) --jobs $(JOBS) $(addprefix anew-,$(call named,long))
	$(BIN)/python -m rojsat.stages.edges exp=deeplab_roi6 size=full variant=scratch
	$(BIN)/python -m rojsat.stages.edges exp=unet_roi6 size=full variant=scratch
	$(BIN)/python -m rojsat.stages.study_long
	$(DVC) commit --force $(call named,long|study_long)

anew-long@%: # a frozen stage: DVC keeps what came of it and never runs it
	OMP_NUM_THREADS=1 $(BIN)/python -m rojsat.run exp=$* size=full variant=scratch

anew-long_%: # EXPERIMENT@VARIANT
	OMP_NUM_THREADS=1 $(BIN)/python -m rojsat.run exp=$(firstword $(subst @, ,$*)) size=full variant=$(lastword $(subst @, ,$*)),scratch

paper: env ## the same at the size of the study (hours on a CPU)
	$(DVC) repro paper/dvc.yaml

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
	rm -rf $(VENV) data/raw data/masks data/processed mlruns/* .dvc/cache .dvc/tmp
	git clean -qfdX reports
