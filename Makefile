# SoundFlow: every target sets the project up first. You need Python 3.11, 3.12 or 3.13 and make.
# Choose an interpreter with `make PYTHON=/path/to/python3.12 daily`, options with `ARGS="--date …"`.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced

# The instance lives in the project folder, so that runs made by `make daily` show in `make dev`.
# An operator's own home: `make dev DAGSTER_HOME=/srv/dagster`.
export DAGSTER_HOME := $(CURDIR)

# Where bytecode is not to be kept, every process compiles its imports anew: 2 s for numba and ours.
export PYTHONDONTWRITEBYTECODE :=

PORT ?= 3000
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup daily dev serve test slow premium-tests audiocraft simulator emulator browser judges lint format catalogs doctor clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv and install everything into it

$(STAMP): pyproject.toml uv.lock
	@set -e; \
	python="$(PYTHON)"; \
	if [ -z "$$python" ]; then \
	  for name in python3.11 python3.12 python3.13 python3 python; do \
	    if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	        >/dev/null 2>&1; then python="$$name"; break; fi; \
	  done; \
	fi; \
	if [ -z "$$python" ]; then \
	  echo "make: no Python 3.11, 3.12 or 3.13 found; install one, or name it: make PYTHON=/path/to/python" >&2; \
	  exit 2; \
	fi; \
	if ! [ -x $(BIN)/python ]; then \
	  "$$python" -m venv $(VENV) || { \
	    echo "make: $$python cannot create a virtual environment; on Debian: apt-get install python3-venv" >&2; \
	    exit 2; }; \
	fi; \
	[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --inexact --quiet --python $(BIN)/python
	@touch $@

daily: $(STAMP) ## today's five tracks and all catalogs, in data/bucket
	$(BIN)/soundflow daily $(ARGS)

dev: $(STAMP) ## Dagster UI with its daemon (schedule, automation) on 127.0.0.1:3000
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT)

serve: $(STAMP) ## the player and the service, on 127.0.0.1:8000
	$(BIN)/soundflow serve $(ARGS)

test: $(STAMP) ## the test suite
	$(BIN)/pytest -n auto --dist loadfile $(ARGS)

slow: $(STAMP) ## the slower tests: full-length tracks, the commands of the README
	$(BIN)/pytest -m slow -n auto --dist loadfile $(ARGS)

simulator: ## Cloudflare's R2 simulator for the slower tests, from npm by its own lock file
	@if command -v npm >/dev/null; then \
	  npm ci --ignore-scripts --no-audit --no-fund --prefix tests/storage/miniflare; \
	else \
	  echo "make: there is no npm; tests against the R2 simulator will be skipped" >&2; \
	fi

# Programs that bring it, Debian's package, and what is skipped without it.
define from-debian
	@for one in $(1); do ! command -v $$one >/dev/null || exit 0; done; \
	as_root=; [ "$$(id -u)" = 0 ] || as_root="sudo -n"; \
	{ $$as_root apt-get -qq update && \
	  $$as_root apt-get -qq install -y --no-install-recommends $(2) >/dev/null; \
	} || echo "make: $(2) cannot be installed; $(3) will be skipped" >&2
endef

emulator: ## an emulated processor of 2008 for the slower tests, from Debian's packages
	$(call from-debian,qemu-x86_64,qemu-user,the test on an old processor)

browser: ## a browser for the tests of the player, from Debian's packages
	$(call from-debian,chromium chromium-browser google-chrome chrome,chromium,tests of the player in a browser)

premium-tests: $(STAMP) ## premium tracks with real model code on tiny weights (brings torch: 5 GB)
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --inexact --quiet --extra premium --extra acestep --extra llm
	$(BIN)/pytest -m premium -n 2 --dist loadfile $(ARGS)

audiocraft: $(STAMP) ## a second environment with audiocraft, .venv-audiocraft, and its test (5 GB)
	@[ -x .venv-audiocraft/bin/python ] || $(BIN)/python -m venv .venv-audiocraft
	@$(BIN)/uv pip install --quiet --python .venv-audiocraft/bin/python -e . pytest hypothesis
	@$(BIN)/uv pip install --quiet --python .venv-audiocraft/bin/python --no-deps audiocraft==1.3.0
	@$(BIN)/uv pip install --quiet --python .venv-audiocraft/bin/python -r deploy/audiocraft/requirements.txt
	.venv-audiocraft/bin/python -m pytest -m audiocraft tests/premium/test_audiocraft.py $(ARGS)

judges: $(STAMP) ## other programs' opinion of full-length tracks: tempo, key, loudness, symbols
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --inexact --quiet --group judges
	$(BIN)/pytest -m judges $(ARGS)

lint: $(STAMP) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

catalogs: $(STAMP) ## rebuild all catalogs from the sidecars
	$(BIN)/soundflow catalog rebuild

doctor: $(STAMP) ## check configuration, bucket, ffmpeg, Dagster home and disk
	$(BIN)/soundflow doctor

clean: ## remove the environment, caches and Dagster's own files; data/bucket stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist out
	rm -rf history storage schedules logs .logs_queue .telemetry .nux .soundflow
	find soundflow_assets tests -name __pycache__ -type d -prune -exec rm -rf {} +
