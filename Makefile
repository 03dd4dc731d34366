# `make chat` opens the chat on seeds/; `make check` checks what most changes can break, in a minute
# and a half; `make test` checks everything. Each makes .venv by itself the first time and again when
# the pins change.

PYTHON ?= python3
PORT ?= 7860
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
INSTALLED := .venv/installed

.PHONY: chat check test types coverage bench format lock clean

chat: $(INSTALLED)
	$(BIN)/loccit chat seeds/ --index .loccit --port $(PORT)

# Format, lint, types, imports and the fast tests. WORKERS=8 make check: in eight processes.
check: $(INSTALLED)
	$(BIN)/python tests/checks.py fast

# The same, and every test.
test: $(INSTALLED)
	$(BIN)/python tests/checks.py all

types: $(INSTALLED)
	$(BIN)/python tests/checks.py types

# Which lines no test runs; the pages are in htmlcov/.
coverage: $(INSTALLED)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage html --quiet
	$(BIN)/python -m coverage report --skip-covered --show-missing

# make bench SET=dev-v1.1.json: beside its peers, which pip installs into an environment of their own.
bench: .venv-bench/installed
	.venv-bench/bin/python tests/benchmarks/run.py $(SET) --to bench.jsonl

.venv-bench/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet "$(shell grep ^torch== constraints.txt)" -e ".[bench]"
	touch .venv-bench/installed

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# After a change of constraints.txt; uv is for this alone.
LOCK_HEAD := \# The versions of constraints.txt with the hashes of their files, for every system: make lock writes it anew.
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra test -c constraints.txt --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet -o requirements.lock
	printf '%s\n%s\n' "$(LOCK_HEAD)" "$$(cat requirements.lock)" > requirements.lock.new
	mv requirements.lock.new requirements.lock

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	$(BIN)/python tests/package_tree.py .venv/tree
	$(BIN)/python -c "open('$(INSTALLED)', 'w').close()"

clean:
	rm -rf .venv .loccit
