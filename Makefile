# Relève: the commands a person and the CI type alike. `make help` lists them.
VENV   ?= .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8000
SEED   ?= 1
DATE   ?=
SERVE  ?= 1
PYTEST ?= -q -n auto --dist loadfile

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The pins are whole: with nothing to resolve, a release newer than a pin cannot disturb pip.
PINNED  := $(INSTALL) --require-hashes --no-deps -r
PACKAGES := compilation matcher scheduler store api fixtures

.DEFAULT_GOAL := help
.PHONY: help setup check fix test demo serve bench lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 16

$(VENV)/runtime.stamp: requirements/runtime.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Relève needs Python 3.11 or later; this is " + sys.version) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PINNED) requirements/build.txt
	$(PINNED) requirements/runtime.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp requirements/dev.txt
	$(PINNED) requirements/dev.txt
	@touch $@

setup: $(VENV)/dev.stamp ## create .venv and install everything development needs

check: setup ## formatter, linter, types, import contracts, templates
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint api/pages/templates --check --lint --quiet

fix: setup ## what can be mended by machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint api/pages/templates --reformat --quiet || true

test: setup ## all tests
	$(BIN)/python -m pytest $(PYTEST)

demo: $(VENV)/runtime.stamp ## the demo territory, computed, written to out/demo and served
	$(BIN)/releve demo --out out/demo --seed $(SEED) $(if $(DATE),--date $(DATE))
ifneq ($(SERVE),0)
	$(BIN)/releve serve --demo out/demo --host $(HOST) --port $(PORT)
endif

serve: $(VENV)/runtime.stamp ## serve the configured store (RELEVE_DATABASE_URL)
	$(BIN)/releve serve --host $(HOST) --port $(PORT)

bench: setup ## measure against peers in one run
	$(BIN)/python -m benchmarks

lock: ## compile requirements/*.txt anew, with hashes and without any index address
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	sh requirements/compile.sh $(VENV)-lock/bin/uv
	rm -rf $(VENV)-lock

clean: ## remove what was built
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis
