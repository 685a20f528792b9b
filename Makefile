# The one way to do things here. `make demo` and `make test` need nothing but Python 3.11 or newer.

PYTHON ?= python3

export NO_MKDOCS_2_WARNING := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

PIP := .venv/bin/python -m pip -qq
RUN := .venv/bin/python -m

# How hard Hypothesis tries: quick, normal or thorough (tests/conftest.py). Only the thorough profile measures coverage.
PROFILE ?= normal
# One file, one folder or one test: `make test T=tests/model/test_task.py::TestTask`. A single file needs no workers.
T ?=
FILE := $(filter %.py %.md,$(T))$(findstring ::,$(T))
PYTEST := pytest -q $(if $(FILE),,--numprocesses=auto --maxprocesses=8 --dist=loadscope)
COVERAGE := $(if $(T),,$(if $(filter thorough,$(PROFILE)),--cov))

# Stamps in .venv say what it already holds. Folders count as sources, so that a deleted file is noticed too.
SOURCES := pyproject.toml hatch_build.py README.md $(shell find src -not -name '*.pyc' -not -name __pycache__)
READY := .venv/.ready
PACKAGE := .venv/.package
MERMAID := .cache/mermaid/.installed
LIFETIMES := .cache/lifetimes/.downloaded
OLDEST := 2.9.0
DATEUTIL := .cache/dateutil-$(OLDEST)/.installed

# The tests of what python-dateutil computes: calendar steps, and the zones of `dateutil.tz`.
TIME := tests/primitives/test_periods.py tests/primitives/test_recurrence.py tests/primitives/test_zones.py tests/model/test_subscription.py docs/promises/time.md

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo demo-real test quick oldest check fix docs mermaid bench mutants sweep test-all clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(PACKAGE) ## see what the library answers, in a minute
	@.venv/bin/python examples/tour.py

demo-real: $(PACKAGE) $(LIFETIMES) ## the same on 69,659 real purchases (downloads 0.6 MB)
	@.venv/bin/python examples/cdnow.py .cache/lifetimes/*.whl

test: $(PACKAGE) .venv/.group-test ## test the package, the README and the documentation; T=path for one file or test
	@HYPOTHESIS_PROFILE=$(PROFILE) $(RUN) $(PYTEST) $(COVERAGE) $(if $(T),'$(T)')

quick: $(PACKAGE) .venv/.group-test ## the same in seconds: few examples, no tests marked slow; T=path too
	@HYPOTHESIS_PROFILE=quick $(RUN) $(PYTEST) -m 'not slow' $(if $(T),'$(T)')

oldest: $(PACKAGE) .venv/.group-test $(DATEUTIL) ## test what reads time with the oldest python-dateutil we support
	@PYTHONPATH=$(dir $(DATEUTIL)) .venv/bin/python -c 'import dateutil; assert dateutil.__version__ == "$(OLDEST)"'
	@PYTHONPATH=$(dir $(DATEUTIL)) HYPOTHESIS_PROFILE=$(PROFILE) $(RUN) pytest -q $(TIME)

check: $(PACKAGE) .venv/.group-lint .venv/.group-typing .venv/.group-docs ## format, lint, types, layers, documentation
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) pyright
	.venv/bin/lint-imports --no-logo
	$(RUN) mkdocs build --strict --site-dir .cache/site
	$(RUN) benchmarks --smoke

fix: $(READY) .venv/.group-lint ## format the code and mend what the linter can mend
	$(RUN) ruff format
	$(RUN) ruff check --fix

docs: $(PACKAGE) .venv/.group-docs ## build the documentation into site/
	@$(RUN) mkdocs build --strict

mermaid: $(PACKAGE) $(MERMAID) ## let Mermaid itself read our diagrams (needs Node.js 20 and npm)
	@cp .ci/mermaid/check.mjs $(dir $(MERMAID))
	@.venv/bin/python .ci/mermaid/check.py $(dir $(MERMAID))

bench: $(PACKAGE) .venv/.group-bench ## time the library against its peers in minutes; FULL=1: half an hour; SIZES=1: only docs/size.md
	@$(RUN) benchmarks $(if $(FULL),--full) $(if $(SIZES),sizing --page docs/size.md)

mutants: $(PACKAGE) .venv/.group-mutants ## break the code on purpose: ROOM=value/pricing or ROOM=value, PART=7 for a tenth, PART=37 for a hundredth
	@ROOM='$(ROOM)' PART='$(PART)' .venv/bin/python .ci/mutants.py

sweep: $(PACKAGE) .venv/.group-test ## break every argument of every public callable; ONLY=part of a name, WRITE=1 for the list of known faults
	@$(RUN) tests.support.sweep $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

test-all: ## test on every Python here, with the oldest and the newest python-dateutil
	@HYPOTHESIS_PROFILE=thorough $(PYTHON) .ci/test_all.py

clean: ## delete whatever the other targets made
	rm -rf .venv .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist site

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "crmcore needs Python 3.11 or newer, and '$(PYTHON)' is not: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(PACKAGE): $(READY) $(SOURCES)
	@echo "Installing crmcore into .venv"
	@$(PIP) install .
	@touch $@

.venv/.group-%: $(READY) pyproject.toml
	@echo "Installing the $* tools into .venv"
	@$(PIP) install --group $*
	@touch $@

$(MERMAID): .ci/mermaid/package.json
	@echo "Installing Mermaid into $(@D)"
	@mkdir -p $(@D)
	@cp $< $(@D)
	@cd $(@D) && npm install --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(DATEUTIL): $(READY)
	@echo "Installing python-dateutil $(OLDEST) into $(@D)"
	@$(PIP) install --no-deps --target $(@D) python-dateutil==$(OLDEST)
	@touch $@

$(LIFETIMES): $(READY)
	@echo "Downloading the lifetimes wheel, which holds the CDNOW purchases, into .cache"
	@$(PIP) download --no-deps --dest $(@D) lifetimes==0.11.3
	@touch $@
