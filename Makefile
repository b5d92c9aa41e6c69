# Two commands do everything on a machine with Python 3.11+ and make: `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help setup run test soak lock bench clean
BIN := .venv/bin

help:            ## What there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: .venv/run.stamp          ## Install what is needed and start everything (Ctrl-C stops it)
	@exec $(BIN)/triage up

setup: .venv/run.stamp        ## Install only: pinned, by hash, into .venv

test: .venv/test.stamp        ## Install the test tools too, then lint, types, import rule and all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile tests/unit tests/policy tests/contract tests/web
	$(BIN)/pytest tests/e2e  # whole installations, which want the machine for themselves

soak: .venv/test.stamp        ## The long tests: 1,000 tickets against 100 updates a minute, 14 days over 500 tickets, three times, two outages
	$(BIN)/pytest -m soak

bench: .venv/test.stamp       ## Measure: ratios taken in one run
	$(BIN)/python -m bench

lock:            ## Write the lock files anew from pyproject.toml (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --upgrade \
	  pyproject.toml requirements/build.in -o requirements/run.lock
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --extra test \
	  -c requirements/run.lock pyproject.toml requirements/build.in -o requirements/test.lock

clean:           ## Remove .venv and var
	rm -rf .venv var

.venv/run.stamp: requirements/run.lock requirements/install
	@requirements/install run && touch $@

.venv/test.stamp: requirements/test.lock requirements/install .venv/run.stamp
	@requirements/install test && touch $@
