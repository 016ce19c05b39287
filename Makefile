# The front door for people. `make help` lists the words.
SHELL := /bin/sh
PY := .venv/bin/python
K ?=
# Compiled modules are kept whatever the shell says: without them each start takes a third more processor time.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-native check fix e2e bench native docs clean setup-run setup-dev lock messages migrations

help: ## list the words
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-7s %s\n", $$1, $$2}'

run: setup-run ## start everything with the demo country (PORT=8000, TERPADU_DATA=.data)
	@.venv/bin/terpadu up --demo

test: setup-dev ## run all tests in parallel (K=expression picks some)
	@$(PY) tools/test.py $(if $(K),-k "$(K)")

test-native: native ## run the gateway's tests against its native build
	@TERPADU_TEST_BUILD=build/native $(PY) tools/test.py tests/gateway $(if $(K),-k "$(K)")

check: setup-dev ## lint, types, layers, drift; changes nothing
	@$(PY) tools/check.py

fix: setup-dev ## format and mend what can be mended, renew generated files
	@$(PY) tools/check.py --fix

e2e: setup-dev ## only the browser stories; takes the screenshots of docs/
	@TERPADU_SCREENSHOTS=1 $(PY) tools/test.py tests/e2e tests/identity/test_existing_applications.py tests/identity/provider/test_recipes.py

native: setup-dev ## translate the gateway's hot modules to machine code; `make run` uses it from then on
	@$(PY) -m tools.native

bench: setup-dev ## print one JSON object per measured figure
	@$(PY) -m bench $(K)

docs: setup-dev ## renew diagrams, reference pages and screenshots in docs/
	@$(PY) tools/docs.py

clean: ## remove the environment, caches and the local data directory
	rm -rf .venv .data build .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles src/*.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

setup-run:
	@python3 tools/setup.py run

setup-dev:
	@python3 tools/setup.py dev

lock: setup-dev
	@tools/lock.sh

messages: setup-dev
	@$(PY) tools/messages.py extract

migrations: setup-dev
	@.venv/bin/terpadu manage makemigrations
