# `make` lists the commands. Choose an interpreter with: make test PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
NBVAL := $(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=300 \
	--numprocesses=auto --dist=loadfile book

# As many notebooks run at once as there are cores, so each computes with one thread.
export OPENBLAS_NUM_THREADS ?= 1

# OpenBLAS and NumPy then compute as on a processor of 2004, which rounds sums in another order.
OTHER_CPU := OPENBLAS_CORETYPE=Prescott \
	NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR"

.PHONY: help book test lint unit test-notebooks test-other-cpu mutations
.PHONY: js lab python-in-page notebooks experiments bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

book: $(READY) ## build the HTML pages; open _build/html/index.html
	$(BIN)/jupyter-book build . -W -n --keep-going

python-in-page: $(READY) ## get Python for the pages, 107 MB once, FROM=folder if you have it; then make book
	$(BIN)/python scripts/get_python_in_page.py $(FROM)

test: lint js book unit test-notebooks ## run every check: style, unit tests, pages, notebooks

lint: $(READY) ## check style and formatting, notebooks included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

js: ## check style and functions of the live figures, where Node and npm are installed
ifneq ($(and $(shell command -v node),$(shell command -v npm)),)
	@test package-lock.json -ot node_modules/.package-lock.json || npm ci --no-audit --no-fund
	node_modules/.bin/biome check .
	node --test tests/js/*.test.js
else
	@echo 'js: SKIPPED. The JavaScript of the live figures is not checked: that takes Node and npm.'
endif

unit: $(READY) ## run the tests of the package, the notebook files and the built pages
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

test-notebooks: $(READY) ## execute all notebooks and compare their stored outputs
	$(NBVAL)

test-other-cpu: $(READY) ## the same as if on another processor
	$(OTHER_CPU) $(NBVAL)

mutations: $(READY) ## break the package on purpose, line by line: some test must notice
	$(BIN)/python scripts/mutations.py

lab: $(READY) ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=book

notebooks: $(READY) ## export the networks to draw with, execute all notebooks in place
	$(BIN)/python scripts/export_networks.py
	$(BIN)/python scripts/execute_notebooks.py

experiments: $(READY) ## train the sweeps over many seeds again (about 30 minutes)
	$(BIN)/python experiments/chapter1.py
	$(BIN)/python experiments/lost_digits.py
	$(BIN)/python experiments/chapter4.py
	$(BIN)/python experiments/butterfly.py
	$(BIN)/python experiments/rounding_risk.py

bench: .venv-bench/.ready ## measure nndl beside PyTorch, JAX, scikit-learn (10 to 20 minutes)
	.venv-bench/bin/python -m pytest -q -p no:cacheprovider --noconftest tests/test_autograd.py
	.venv-bench/bin/python benchmarks/run.py

lock: $(READY) ## resolve requirements.txt anew into requirements.lock
	$(BIN)/python -m pip install --quiet 'uv>=0.9'
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		requirements.txt --output-file requirements.lock

clean: ## remove everything that these commands made
	rm -rf .venv .venv-bench .python-in-page _build node_modules .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -exec rm -rf {} +

$(READY): requirements.txt requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		"This book needs Python 3.11 or newer, but $(PYTHON) is Python %d.%d. " \
		"Try: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $(READY)

# Line by line, so that a peer that cannot be installed is left out; the benchmark names it.
.venv-bench/.ready: benchmarks/requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-bench
	sed 's/ *#.*//; /^$$/d' benchmarks/requirements.txt | while read -r requirement; do \
		.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check \
			"$$requirement" || echo "left out: $$requirement"; done
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch .venv-bench/.ready
