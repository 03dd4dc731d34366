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

.PHONY: chat test format clean

chat: $(INSTALLED)
	$(BIN)/loccit chat seeds/ --index .loccit --port $(PORT)

test: $(INSTALLED)
	$(BIN)/python -m pytest

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[test]"
	$(BIN)/python -c "open('$(INSTALLED)', 'w').close()"

clean:
	rm -rf .venv .loccit
