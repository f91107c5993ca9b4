# Each target does its own set-up, so `make demo` and `make test` work from a fresh clone on Debian with Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MONTH ?= 2026-10
DEMO ?= build/demo
JOBS ?= $(shell nproc)
# What a browser shows does not depend on the database: these run once.
ON_SCREEN := --ignore-glob 'tests/web/test_*browser.py' --ignore tests/web/test_axe.py --ignore tests/web/test_first_run.py

.PHONY: help demo serve test check bench package setup clean

help: ## the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.ready: pyproject.toml scripts/setup
	scripts/setup $(PYTHON) $(VENV)
	@touch $@

setup: $(VENV)/.ready ## virtual environment with everything

demo: setup ## a synthetic clinic: import, close a month, claims, binders
	$(BIN)/careledger demo --out $(DEMO) --month $(MONTH)

serve: setup ## the clinic in a browser, filled with invented people
	scripts/serve $(BIN)/python

test: setup ## every test
	scripts/java
	scripts/chromium
	scripts/postgres install
	scripts/fhir_validator
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup
	scripts/on_postgres $(BIN)/python -m pytest tests/web -n $(JOBS) --dist loadfile $(ON_SCREEN)

check: setup ## lint, types, house rules, policy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/careledger policy lint
	$(BIN)/careledger library lint
	$(BIN)/python scripts/dependencies
	CARELEDGER_DATA=build/check $(BIN)/python -m careledger.web makemigrations --check --dry-run

bench: setup ## every bench at full size, as ratios to a floor of the same run; BENCH=--small is quick
	$(BIN)/python -m bench $(BENCH)

package: setup ## wheel, sdist and SBOM in dist/
	$(BIN)/python -m build --outdir dist .
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o dist/sbom.json $(BIN)/python
	$(BIN)/python scripts/dependencies --sbom dist/sbom.json

clean:
	rm -rf $(VENV) build dist
