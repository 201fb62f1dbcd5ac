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

.PHONY: report test lint bench spark-test oracles mutate samples docs clean
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
	@$(PY) -m rotascope report --case january-2026 --out $(OUT)/january-2026 --format terminal,markdown,html,json,pdf,ixbrl

test: $(VENV)/.dev lint  ## lint, types, layers and every test
	$(PY) -m pytest -n auto

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.bench  ## speed, side by side with a peer
	$(PY) -m benchmarks

$(VENV)/.spark: $(VENV)/.dev
	$(INSTALL) -e '.[spark]'
	@touch $@

spark-test: $(VENV)/.spark  ## every panel measure, and 25 million rows, on a Spark cluster on loopback
	$(PY) tools/spark_cluster.py -- $(PY) -m pytest tests/conformance -m spark
	$(PY) tools/spark_cluster.py -- $(PY) -m benchmarks.panel_spark

$(VENV)/.oracles: $(VENV)/.dev
	$(INSTALL) --group oracles
	@touch $@

oracles: $(VENV)/.oracles  ## what other programs answer to the same questions: docs/oracles.md
	$(PY) -m pytest tests/unit/analytics/test_oracles.py

mutate: $(VENV)/.dev  ## plant ten thousand errors in verified reports and count those that are found
	$(PY) -m rotascope report --case january-2026 --out $(OUT)/mutate-case
	$(PY) -m rotascope report --start 2000-03-31 --end 2002-09-30 --as-of 2019-01-15 --out $(OUT)/mutate-window
	$(PY) tools/mutate.py $(OUT)/mutate-case $(OUT)/mutate-window --count 5000 --jobs 2

samples: $(VENV)/.run  ## write docs/samples again
	$(PY) tools/make_samples.py

docs: $(VENV)/.run  ## write the generated pages again
	$(PY) tools/make_docs.py

clean:
	rm -rf $(VENV) $(OUT) build dist
