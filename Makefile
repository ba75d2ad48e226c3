PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test setup check campaign clean help

help:            ## this list
	@grep -E '^[a-z]+: .*##' Makefile | sed 's/:.*##/  /'

run:             ## set everything up and talk with the avatar: in your headset, else in a simulated one
	@$(PYTHON) packaging/bootstrap.py run
	@bash packaging/talk.sh

test:            ## set everything up, check the code and run the tests
	@$(PYTHON) packaging/bootstrap.py test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/python -m pytest -q

setup:           ## set everything up and stop there
	@$(PYTHON) packaging/bootstrap.py run

check:           ## ruff and mypy alone
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

campaign:        ## measure again what docs/reports/ holds (an hour; ONLY="sorting" for some of it)
	@$(PYTHON) packaging/bootstrap.py test
	@$(BIN)/python packaging/campaign.py $(ONLY)

clean:           ## remove what the build left in this folder (models and avatars stay)
	rm -rf .venv out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
