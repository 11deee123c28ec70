# `make help` lists the targets.

VENV := .venv
PY := $(VENV)/bin/python
RUN_STAMP := $(VENV)/.requirements
DEV_STAMP := $(VENV)/.requirements-dev
SECURITY_VENV := .venv-security
SECURITY_STAMP := $(SECURITY_VENV)/.requirements
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
ENV_FILE ?= var/local.env

.DEFAULT_GOAL := help
.PHONY: help run test test-long test-clients test-clients-all chaos year security lint bench

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | \
		while IFS='|' read -r target text; do printf '%-24s %s\n' "$$target" "$$text"; done

run: $(RUN_STAMP) ## Run everything here against the sandbox; PORT=8000 SANDBOX_PORT=8901 SANDBOX_ACME_PORT=8902
	@$(PY) -m portal.local_env $(ENV_FILE)
	@ENV_FILE=$(ENV_FILE) exec $(PY) manage.py run

test: $(DEV_STAMP) ## Run the tests on SQLite and, where they run, those of locks and queues on PostgreSQL and Redis
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n 2 -m "not clients and not chaos and not security and not long and not year"
	$(PY) -m tests.on_servers -n 2 -m servers

test-long: $(DEV_STAMP) ## Each page in each state in Chromium, whole installations, and the database's tests on PostgreSQL and Redis
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n 2 -m "long and not security"
	$(PY) -m tests.on_servers -p tests.database_only -n 2 \
		-m "not clients and not chaos and not security and not browser and not servers and not year"

test-clients: $(DEV_STAMP) ## Run the set-up instructions with real ACME clients (needs root, pebble, bind9)
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n 2 -m "clients and not clients_all"

test-clients-all: $(DEV_STAMP) ## The same, with the newer versions and the slow ones (needs .ci/install-newer-clients, -haproxy, -ansible)
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n 2 -m clients

chaos: $(DEV_STAMP) ## Kill and stop workers, cut connections, falsify lists; CHAOS_SEED=… repeats the random run
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -m chaos

year: $(DEV_STAMP) ## Live through a year with 500 names and hold what people are told against what was so; YEAR_SEED=… YEAR_DAYS=…
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -m year

security: $(DEV_STAMP) $(SECURITY_STAMP) ## Try what an attacker would, look for planted secrets, run bandit and wapiti
	$(SECURITY_VENV)/bin/bandit --quiet --recursive --configfile pyproject.toml portal accounts subscriptions manage.py
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest -n 2 --dist loadgroup -m security

bench: $(DEV_STAMP) ## Measure pages and the way to the CA; nothing passes or fails
	$(PY) -m tests.bench

lint: $(DEV_STAMP) ## Check style, types, templates and migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy portal accounts subscriptions tests manage.py
	$(PY) -m djlint templates --lint --quiet
	$(PY) -m djlint templates --check --quiet
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run

$(PY):
	@python=; for name in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3 ..." >&2; exit 1; fi; \
	$$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN_STAMP): requirements.lock | $(PY)
	@echo "Installing the locked dependencies ..."
	@$(PIP) -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock | $(PY)
	@echo "Installing the locked dependencies, those of the tests included ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@

# The scanners pin other versions of what the portal uses.
$(SECURITY_STAMP): requirements-security.lock | $(PY)
	@echo "Installing the scanners ..."
	@$(PY) -m venv $(SECURITY_VENV)
	@$(SECURITY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-security.lock
	@touch $@
