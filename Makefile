# Regulars: the commands of a developer's machine. `make demo` to see it, `make test` to trust it.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
APPS := common members loyalty benefits analytics config
WORKERS ?= 2

# Settings of a production that does not exist, for `check --deploy`.
PRODUCTION := DJANGO_SETTINGS_MODULE=config.settings.prod \
	SECRET_KEY=only-for-the-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	DATABASE_URL=postgresql://regulars:check@127.0.0.1:5432/regulars \
	REDIS_URL=redis://127.0.0.1:6379/0 ALLOWED_HOSTS=shop.example TRUSTED_PROXY_COUNT=1
IN_MEMORY := DJANGO_SETTINGS_MODULE=config.settings.test DATABASE_URL=sqlite://:memory: REDIS_URL=

.PHONY: install messages extract-messages icons check test test-sqlite test-postgres bench demo demo-reset

install: $(STAMP)

$(STAMP): requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $(STAMP)

# Catalogues are compiled by Babel: running and testing needs no gettext.
messages: install
	$(BIN)/pybabel --quiet compile --domain django --directory locale
	$(BIN)/pybabel --quiet compile --domain django --directory common/locale

# For translators: bring locale/ up to date with the sources (needs gettext).
extract-messages: install
	$(IN_MEMORY) $(BIN)/python manage.py makemessages --locale zh_Hans --no-obsolete \
		--add-location file --ignore common/locale --ignore tests --ignore var

# After a change of the mark: draw the app's PNG icons anew (needs Chromium).
icons: install
	$(BIN)/python -m deploy.icons

check: messages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(APPS) deploy
	$(BIN)/lint-imports
	$(IN_MEMORY) $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python -W error manage.py check --deploy --fail-level WARNING
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(IN_MEMORY) $(BIN)/python manage.py check_messages

test: test-sqlite test-postgres

# Tables straight from the models; PostgreSQL's come by the migrations, which `check` compares.
test-sqlite: messages
	$(IN_MEMORY) $(BIN)/pytest -n $(WORKERS) --nomigrations

# Pages look the same on every database: the browser is driven once, on SQLite.
test-postgres: messages
	DJANGO_SETTINGS_MODULE=config.settings.test REDIS_URL= $(BIN)/python -m tests.postgres -- \
		$(BIN)/pytest -n $(WORKERS) -m "not bench and not browser"

bench: messages
	$(BIN)/python -m tests.postgres --durable -- $(BIN)/pytest -n 0 -m bench

# exec: a signal that make passes on must reach the demo, not a shell in between.
demo: messages
	@exec $(BIN)/python -m deploy.demo

demo-reset: messages
	@$(BIN)/python -m deploy.demo --reset
	@exec $(BIN)/python -m deploy.demo
