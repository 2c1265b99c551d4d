# make install · make test · make lint.   Another Python: make install PYTHON=python3.13
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: install test lint types unit lock clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else f"Frontrow needs Python 3.11 to 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another: make install PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

test: install lint types unit

lint: install
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: install
	$(BIN)/mypy

unit: install
	$(BIN)/pytest

lock: ## the pinned dependencies, for every supported Python; needs uv (pip install uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --output-file requirements.lock pyproject.toml requirements-build.in

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
