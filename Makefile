# Every target works from a bare clone: it takes make and Python 3.11 or later, and does the rest itself.
.DEFAULT_GOAL := help
.PHONY: help setup toolchain providers compare up down test unit docs lint check mutants kills bench lock clean

BIN := .venv/bin
# Tests run hundreds of commands, each of which would compile the program again.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; echo python3)
# Three processes for two cores, because a third of the time they wait for servers and other processes. The order stays,
# because tests/conftest.py puts the longest files first.
WORKERS := $(shell expr 3 \* $$(getconf _NPROCESSORS_ONLN) / 2)
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Each worker has a platform, and takes the next test when it is done with one, the longest first.
PAIRED := -n 2 --dist load --maxschedchunk 1
UNIT := tests/components tests/stacks tests/infra/policy tests/infra/review tests/test_generated.py tests/app
GROUPS := app localcloud test lint bench
LOCK := $(BIN)/uv --system-certs pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv from requirements.lock; costs nothing when it is up to date
	@$(PYTHON) tools/setup.py

toolchain: setup ## Find or build the deployment engine and the Kubernetes binaries
	@$(BIN)/python -m infra.toolchain

providers: setup ## Build Pulumi's own Kubernetes provider (10 minutes of CPU); a local cloud then uses it
	@$(BIN)/python -m infra.toolchain providers

compare: toolchain providers .ministack .checkov ## Compare the stand-ins with Pulumi's Kubernetes provider and MiniStack, and the policy pack with checkov and kube-linter
	@$(BIN)/pytest tests/localcloud/kubernetes/real tests/localcloud/aws/ministack tests/infra/policy/scanners

.ministack .checkov: .%: tools/%.lock | setup
	@$(PYTHON) -m venv --clear $@ && $(BIN)/uv --system-certs -q pip sync --require-hashes --python $@/bin/python $<

up: setup ## Bring up the whole platform on this machine; ends with its URL
	@$(BIN)/drydock up local

down: setup ## Take it down again; leaves nothing
	@$(BIN)/drydock down local

test: toolchain ## Run the whole test suite; fails too if it covers less than 95 % of the service's branches
	@$(BIN)/python -m tests.support.skipped
	@$(BIN)/pytest $(PARALLEL) tests/app --cov
	@$(BIN)/pytest $(PARALLEL) --ignore=tests/app -m "not e2e"
	@$(BIN)/pytest $(PAIRED) -m e2e --durations=15 tests/e2e tests/test_docs.py

unit: setup ## Run the quick tests of components, stacks, policies, reviews and the service, in 3 minutes
	@$(BIN)/pytest $(PARALLEL) -m "not slow" $(UNIT)

docs: setup ## Write every generated file: tables of the docs, the architecture, schema.json, the lists of URNs
	@$(BIN)/python -m tests.support.generated

lint: setup ## Check style, types, the direction of imports and the workflows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/zizmor --offline --quiet .github/workflows

check: lint test ## Everything a change has to pass

mutants: setup ## Make small mistakes in the code at random for 15 minutes, and list those that no test notices
	@$(BIN)/python -m tests.mutants $(MUTANTS)

kills: toolchain ## Kill one process at random in each of 100 rounds of commands; what comes next must put it right
	@$(BIN)/python -m tests.e2e.kills $(KILLS)

bench: toolchain ## Measure a preview against a bare program, a warm start, and the service
	@$(BIN)/python -m bench

lock: setup ## Lock the dependencies of pyproject.toml again; keeps the versions that still fit
	@$(LOCK) $(addprefix --group ,$(GROUPS)) --output-file requirements.lock pyproject.toml
	@$(LOCK) --group app --constraint requirements.lock --output-file app/requirements.lock
	@$(LOCK) --group compare --output-file tools/ministack.lock
	@$(LOCK) --group scan --output-file tools/checkov.lock

clean: ## Remove .venv and every cache in this folder; the local cloud is taken down first
	@if [ -x $(BIN)/drydock ] && [ -d .drydock/local ]; then $(BIN)/drydock down local; fi
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov *.egg-info
