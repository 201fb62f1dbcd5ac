# Two commands do everything: `make report` and `make test`.
# uv is used where it is installed; plain venv and pip otherwise.
VENV ?= .venv
PY   := $(VENV)/bin/python
UV   := $(shell command -v uv 2>/dev/null)
OUT  ?= reports

ifeq ($(UV),)
  MAKE_VENV  = python3 -m venv $(VENV)
  INSTALL    = $(PY) -m pip install --quiet --disable-pip-version-check
  NEED_PIP   = $(PY) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
else
  MAKE_VENV  = uv venv --quiet --allow-existing --python python3 $(VENV)
  INSTALL    = uv pip install --quiet --compile-bytecode --python $(PY)
  NEED_PIP   = true
endif

.PHONY: report test lint bench docs clean
.DEFAULT_GOAL := report

$(VENV)/.run: pyproject.toml
	$(MAKE_VENV)
	$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(NEED_PIP)
	$(INSTALL) --group dev -e .
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(INSTALL) --group bench
	@touch $@

report: $(VENV)/.run  ## write the January 2026 report from the data in the wheel
	@$(PY) -m rotascope report --case january-2026 --out $(OUT)/january-2026 --format terminal,markdown,html,json

test: $(VENV)/.dev lint  ## lint, types, layers and every test
	$(PY) -m pytest -n auto

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.bench  ## speed, side by side with a peer
	$(PY) -m benchmarks

docs: $(VENV)/.run  ## write the generated pages again
	$(PY) tools/make_docs.py

clean:
	rm -rf $(VENV) $(OUT) build dist
