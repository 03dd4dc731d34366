# Two commands: `make chat` opens the chat on seeds/, `make test` checks everything.
# Each makes .venv by itself the first time and again when the pins change.

PYTHON ?= python3
PORT ?= 7860
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
INSTALLED := .venv/installed

.PHONY: chat test bench format lock clean

chat: $(INSTALLED)
	$(BIN)/loccit chat seeds/ --index .loccit --port $(PORT)

test: $(INSTALLED)
	$(BIN)/python -m pytest

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
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra test -c constraints.txt --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet -o requirements.lock

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	$(BIN)/python tests/package_tree.py .venv/tree
	$(BIN)/python -c "open('$(INSTALLED)', 'w').close()"

clean:
	rm -rf .venv .loccit
