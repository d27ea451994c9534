# Everything is set up in .venv by the first verb you type; nothing else on the machine is touched but what
# `make test` needs of a browser (see tools below).
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test serve bench screenshots clean

demo: .venv/ready          ## crawl the bundled sample newspaper into archive.db, offline
	$(BIN)/scrapy demo
	@echo 'look at it: make serve'

# Bytecode is kept, else each of some hundred processes compiles the package again.
test: .venv/ready browser  ## every test, the linter and the type checker
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

serve: .venv/ready         ## open the archive in the browser, with the settings for the public
	@test -e archive.db || { echo 'there is no archive.db yet: make demo, or .venv/bin/scrapy crawl alwatan'; exit 4; }
	$(BIN)/datasette archive.db --setting num_sql_threads 4 --setting sql_time_limit_ms 1000 \
	  --setting facet_time_limit_ms 1000 --setting suggest_facets off --setting default_cache_ttl 300 \
	  --setting max_csv_mb 0 -h 127.0.0.1 -p 8001 --open

bench: .venv/ready         ## headline figures beside their anchors (some minutes)
	$(BIN)/python benchmarks/completeness.py
	$(BIN)/python benchmarks/capture.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/search.py

screenshots: .venv/ready browser  ## pictures of every page of the site, in screenshots/
	$(BIN)/python tests/publication/screenshots.py screenshots

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed: on Debian, apt-get install python3; or make PYTHON=/path/to/python3.11'; exit 4; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo 'Python cannot make virtual environments: on Debian, apt-get install python3-venv'; exit 4; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: browser
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core; \
	  else echo 'the page tests need a browser: sudo apt-get install chromium fonts-noto-core'; exit 4; fi; }

# pywb's brotlipy breaks the br of the crawl, so it lives apart.
.PHONY: replay
replay: .venv/ready        ## replay captures and a WACZ with pywb, in an environment of its own
	$(PYTHON) -m venv .venv-replay
	.venv-replay/bin/python -m pip install --quiet 'pywb>=2.9' 'wacz>=0.5' 'setuptools<81'
	$(BIN)/python -m pytest tests/evidence/test_replay.py

clean:                     ## remove what was made, the archive excepted
	rm -rf .venv .venv-replay .mypy_cache .ruff_cache .hypothesis
