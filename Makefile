# make demo: make a picture. make test: run the tests. Both set up what they need, once.
VENV ?= .venv
BIN = $(VENV)/bin

# On all cores, with one worker more than those, since tests wait for answers: each file of tests on
# one of them, in the order in which they are collected. What is compiled is kept, since hundreds of
# tests start a Python of their own.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1)
SPREAD = -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(SPREAD)

.PHONY: bench bench-gateway changelog chaos chaos-batch chaos-gateway chaos-store clean clients conformance coverage demo dist docs format gateway help lint live matrix mistakes mutants screenshots setup tables test test-all types

help:
	@echo "make demo    make a picture in the sandbox: no key, no network"
	@echo "make gateway   serve every model as OpenAI's API on this machine: no key, no network"
	@echo "make test    run the tests: 19,000 of them, which takes some 12 minutes on two cores"
	@echo "make test-all   those too that need more than Python's package index, where it is there"
	@echo "make coverage   the same, and which lines no test runs: of all, and of what is new"
	@echo "make conformance   the conformance suites over every plugin that is installed"
	@echo "make live HOSTS=gemini,zai   call real hosts with your keys, which costs money"
	@echo "make chaos   kill programs in the middle of paid calls, and look at the bill"
	@echo "make chaos-store   kill workers of a store, and compare its rows and files with the bill"
	@echo "make chaos-batch   kill a batch of 10,000 lines three times, and compare likewise"
	@echo "make chaos-gateway   kill and restart gateways under load, and compare likewise"
	@echo "make screenshots   pictures of the gateway's page: all views, at three widths, in both themes"
	@echo "make clients   run other people's clients against the gateway, and write docs/clients.md"
	@echo "make bench   time and memory against urllib3 and the openai client; those of a store"
	@echo "make bench-gateway   the gateway's time and memory, and its speed beside those of others"
	@echo "make docs    build the site of docs/ into site/"
	@echo "make mistakes  write docs/mistakes.md from what the conformance kit says to them"
	@echo "make tables  write docs/tables.md from what the plugins declare"
	@echo "make changelog OF=imagekit-ark VERSION=0.1.1   put its fragments into CHANGELOG.md"
	@echo "make dist OF=imagekit-ark   build what is published, into dist/, and check it"
	@echo "make matrix  install and test on every Python, and with the lowest versions declared"
	@echo "make mutants  change where money hangs on it, and see which changes no test notices"
	@echo "make lint    ruff        make types   mypy        make format   ruff format"

setup:
	@.ci/setup $(VENV)

gateway: setup
	@$(BIN)/imagekit gateway serve

demo:
	@.ci/setup $(VENV) demo
	@$(BIN)/imagekit generate "a corgi on the beach at dusk" -m sandbox:seedream-4.5 \
		--ratio 16:9 --seed 7 -o demo.png --force

test: setup
	@echo "some 19,000 tests: 12 minutes on two cores; pytest tests/client takes seconds"
	@$(PYTEST) -m "not outside"

# A program that a test has killed leaves half a file of its own. Clients of other people that take
# minutes to install run no line that the others don't: they are for `make test-all`.
ELSEWHERE = tests/clients/test_clients.py::test_a_client_in_an_environment_of_its_own_does_too
coverage: setup
	@$(PYTEST) --deselect $(ELSEWHERE) -rs --cov --cov-report=term:skip-covered --cov-report=xml
	@rm -f .coverage.*
	@.ci/covered $(BIN)

test-all: setup
	@$(PYTEST) -rs

live: setup
	@IMAGEKIT_LIVE=$(HOSTS) $(BIN)/python -m pytest -rs tests/live

conformance: setup
	@$(BIN)/python -m imagekit.testing

chaos: setup
	@$(BIN)/python -m tests.chaos --kills $(or $(KILLS),300) $(if $(SEED),--seed $(SEED))

chaos-store: setup
	@$(BIN)/python -m tests.chaos.store --purchases $(or $(PURCHASES),1000) $(if $(SEED),--seed $(SEED))

chaos-batch: setup
	@$(BIN)/python -m tests.chaos.batch --lines $(or $(LINES),10000) $(if $(SEED),--seed $(SEED))

chaos-gateway: setup
	@$(BIN)/python -m tests.chaos.gateway --purchases $(or $(PURCHASES),1000) $(if $(SEED),--seed $(SEED))

screenshots: setup
	@$(BIN)/python -m tests.screenshots

clients: setup
	@$(BIN)/python -m tests.clients

bench: setup
	@$(BIN)/python -m tests.bench.calls
	@$(BIN)/python -m tests.bench.payloads
	@$(BIN)/python -m tests.bench.store

# The gateways of others are installed into .cache/, once, which takes minutes.
bench-gateway: setup
	@$(BIN)/python -m tests.bench.gateway

# pyenv shows only those Pythons that it is told of.
matrix: setup
	@$(BIN)/python -c 'import nox' 2>/dev/null || $(BIN)/python -m pip install -q -e '.[matrix]'
	@PYENV_VERSION=$${PYENV_VERSION:-$$(pyenv versions --bare 2>/dev/null | paste -sd: -)} \
		$(BIN)/nox -- $(SPREAD) -m "not outside"

mutants: setup
	@$(BIN)/python -c 'import mutmut' 2>/dev/null || $(BIN)/python -m pip install -q -e '.[mutants]'
	@rm -rf mutants
	@$(BIN)/mutmut run
	@$(BIN)/mutmut results

docs: setup
	@$(BIN)/python -c 'import zensical' 2>/dev/null || $(BIN)/python -m pip install -q -e '.[docs]'
	@$(BIN)/zensical build --clean --strict

tables: setup
	@$(BIN)/python .ci/tables.py >docs/tables.md.new
	@mv docs/tables.md.new docs/tables.md

mistakes: setup
	@$(BIN)/python tests/testing/kit/test_seeded_defects.py

changelog: setup
	@$(BIN)/towncrier build --config docs/changes/towncrier.toml --dir docs/changes/$(OF) \
		--name $(OF) --version $(VERSION) --yes

# Isolated, as whoever installs from source builds it; the wheel is made from the sdist.
dist: setup
	@$(BIN)/python -c 'import build, twine' 2>/dev/null || $(BIN)/python -m pip install -q -e '.[release]'
	@rm -rf dist
	@$(BIN)/python -m build -o dist "$$(dirname "$$(grep -lx 'name = $(OF)' setup.cfg plugins/*/*/setup.cfg contrib/*/setup.cfg)")"
	@$(BIN)/twine check --strict dist/*

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

# By the marker of each package: what `make dist` leaves beside it is none.
types: setup
	@$(BIN)/mypy imagekit $(dir $(wildcard plugins/*/*/*/py.typed contrib/*/*/py.typed))

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .nox mutants demo.png site .cache build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* coverage.xml
	find . -name '*.egg-info' -not -path './.venv/*' -prune -exec rm -rf {} +
