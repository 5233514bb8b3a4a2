# Vigil: `make` alone lists what there is. PORT, DATA_DIR, DATABASE_URL and REDIS_URL are honoured (docs/operations.md).
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
# Bytecode is kept beside the packages: a dozen processes do not compile the same program each, and nothing is written into the tree.
export PYTHONPYCACHEPREFIX := $(abspath $(VENV))/bytecode
unexport PYTHONDONTWRITEBYTECODE
# Arguments for pytest, the benchmarks or the screenshots: make test ARGS="-k fever"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test setup lint format types messages bench lock screenshots demo-reset clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Start Vigil with made-up people: database, broker, worker, beat and web, until Ctrl-C
	@exec $(PY) manage.py up --tied

test: setup ## Every check and every test on throw-away servers (ARGS="..." goes to pytest)
	@exec $(PY) -m config.tools.test_run $(ARGS)

setup: ## Make .venv and install the locked packages
	@$(PYTHON) config/tools/environment.py $(VENV)

lint: setup ## ruff, formatting, templates, import contracts, lock
	@$(PY) -m config.tools.checks lint

types: setup ## mypy, strict
	@$(PY) -m config.tools.checks types

messages: setup ## Find the interface's words; what is to be translated is told
	@$(PY) -m config.tools.messages update

format: setup ## Put the code into the one format, and fix what ruff can fix
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

bench: setup ## Measure; the figures are explained in docs/benchmarks.md
	@exec $(PY) -m config.embedded.with_servers --durable -- $(PY) -m bench $(ARGS)

lock: setup ## Remake requirements.txt from requirements.in (versions stay where they may)
	@$(PY) -m config.tools.lock write

screenshots: setup ## Write docs/screenshots/ from the demo
	@exec $(PY) -m config.embedded.with_servers -- $(PY) -m tests.screenshots $(ARGS)

demo-reset: setup ## Throw away the embedded database and broker of DATA_DIR: the next run starts afresh
	@$(PY) manage.py demo_reset

clean: ## Remove .venv and caches; the data of DATA_DIR stays
	@rm -rf $(VENV) static-built .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +
