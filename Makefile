# make demo · make test · make install.   Another Python: make install PYTHON=python3.13
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8080
QUICK ?=

.PHONY: demo install test lint types browser unit lock clean

install: $(VENV)/.installed

demo: install ## a simulated streaming service in a browser; make demo QUICK=1 for a smaller one, PORT=8081 for another port
	@exec $(BIN)/frontrow demo --port $(PORT) $(if $(QUICK),--quick)

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else f"Frontrow needs Python 3.11 to 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another: make install PYTHON=python3.12")'
	@echo "Installing what Frontrow needs into $(VENV): about a minute, longer where it must be downloaded first"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

test: install lint types browser unit

lint: install
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: install
	$(BIN)/mypy

browser: ## Chromium for the tests of the viewer page; they skip, and say so, where there is none
	@if [ -n "$$FRONTROW_CHROMIUM" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests"; \
	  { apt-get install -y -qq --no-install-recommends chromium || \
	    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }; } >/dev/null 2>&1 || \
	  echo "Chromium could not be installed: the browser tests will skip"; \
	else echo "No Chromium: the browser tests will skip. Install it (Debian: sudo apt-get install chromium) or name one in FRONTROW_CHROMIUM"; fi

# Two processes, a file at a time; threads of their own would only fight over the cores (small products then take 20 times as long).
PYTEST := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

unit: install
	$(PYTEST) --ignore tests/browser
	$(PYTEST) tests/browser

lock: ## the pinned dependencies, for every supported Python; needs uv (pip install uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml requirements-build.in

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
