# The short roads into this repository. `make` alone lists them.
# Recipes are plain commands: what runs here can be typed by hand.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# One step at a time: cargo uses all cores by itself, and output stays readable.
.NOTPARALLEL:

CARGO ?= cargo
NPM := web/node.sh npm --prefix web
WEB_SOURCES := $(addprefix web/,src public scripts index.html vite.config.ts tsconfig.json package.json package-lock.json)
WEB_BUILT := web/node_modules/.runbay-built
# Removes what tests of whole runs share, and keep for the next time.
UNSEED := $(CARGO) test --locked --quiet --test runs -- --ignored --exact the_seed_is_removed
SCRIPTS := .ci/run web/node.sh $(wildcard images/*.sh images/*/*.sh tests/*.sh tests/api/*.sh deploy/*.sh)

.PHONY: help demo demo-container serve test web web-test bench bench-web fmt clean tools setup \
	web-modules web-check web-e2e \
	fmt-check clippy docs unit check-tasks deny shellcheck api

help: ## List what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: tools ## Set all up and run one of the bundled tasks
	images/setup.sh all 3.11
	@$(MAKE) web || echo 'LEFT OUT: the web interface (see above); all else works'
	$(CARGO) build --release --locked
	@printf '\n== runbay run hello\n'
	"$${CARGO_TARGET_DIR:-target}"/release/runbay run hello
	@printf '%s\n' '' \
		'That was a fresh container, gone by now. Next:' \
		'  export PATH="$$PWD/target/release:$$PATH"' \
		'  runbay ls                       all tasks of tasks/' \
		'  runbay run sales-report         packages, a chart and a result' \
		'  runbay run greet-params -p name=Ada -p times=3' \
		'  runbay run failing              what a failure looks like' \
		'  runbay new my-task              a task of your own' \
		'  runbay serve                    a queue, schedules and a REST API' \
		'README.md says the rest.'

serve: tools ## Set all up and start the service
	images/setup.sh all 3.11
	@$(MAKE) web || echo 'LEFT OUT: the web interface (see above); all else works'
	$(CARGO) build --release --locked
	"$${CARGO_TARGET_DIR:-target}"/release/runbay serve

demo-container: tools ## Make the service's image, run a task through it, upgrade it mid-run
	images/setup.sh all 3.11
	@$(MAKE) web || echo 'LEFT OUT: the web interface (see above); all else works'
	$(CARGO) build --release --locked
	deploy/demo.sh
	@if command -v haproxy >/dev/null; then deploy/demo.sh --through-proxy; else \
		echo 'LEFT OUT: the same behind the socket proxy (apt-get install haproxy)'; fi

test: tools ## Set all up, then run everything that CI runs
	images/setup.sh all 3.11 3.13
	$(MAKE) fmt-check web-check clippy docs shellcheck deny unit check-tasks api web-e2e
	@printf '\nAll checks passed.\n'

# Only when something it is made of has changed since: what is built anew is a new
# binary, too.
web: web-modules ## Build the web interface; cargo takes it into the binary
	@if [ ! -e web/dist/index.html ] || [ -n "$$(find $(WEB_SOURCES) -newer $(WEB_BUILT) -print -quit 2>&1)" ]; then \
		echo $(NPM) run build; $(NPM) run build && touch $(WEB_BUILT); fi

web-test: web-check web-e2e ## Test the web interface, also in a real browser

# RUNBAY_BIN names a binary that is built already, with the web interface of now.
bench-web: web ## Measure the web interface in a real browser
	images/setup.sh all 3.11
	[ -n "$$RUNBAY_BIN" ] || RUNBAY_REQUIRE_WEB=1 $(CARGO) build --release --locked
	RUNBAY_BIN="$${RUNBAY_BIN:-$$(realpath "$${CARGO_TARGET_DIR:-target}")/release/runbay}" web/node.sh --browser node web/e2e/bench.mjs

bench: tools ## Measure (needs the engine and a base image)
	images/setup.sh all 3.11
	$(CARGO) bench --locked
	@# What is measured here are bytes, so the build of the tests will do.
	$(CARGO) test --locked --test housekeeping -- --ignored --exact residue::after_500_runs_of_20_tasks_the_disk_holds_what_is_kept
	$(UNSEED)

fmt: ## Format the code
	$(CARGO) fmt

clean: ## Remove what was built (images and data stay)
	$(CARGO) clean

# ---- the steps of `make test`, in their order

tools:
	@for tool in git cc $(CARGO); do \
		command -v "$$tool" >/dev/null || { \
			echo "make: $$tool is missing. On Debian: apt-get install git gcc libc6-dev; Rust comes from https://rustup.rs" >&2; exit 69; }; \
	done

fmt-check:
	$(CARGO) fmt --check

clippy:
	$(CARGO) clippy --locked --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

shellcheck:
	@if command -v shellcheck >/dev/null; then \
		echo shellcheck $(SCRIPTS); shellcheck $(SCRIPTS); \
	else \
		echo 'LEFT OUT: shellcheck is not installed (apt-get install shellcheck)'; \
	fi

deny:
	@if command -v cargo-deny >/dev/null; then \
		echo $(CARGO) deny check; $(CARGO) deny check bans licenses sources; \
		if $(CARGO) deny fetch db >/dev/null 2>&1; then $(CARGO) deny check --disable-fetch advisories; \
		else echo 'LEFT OUT: the advisories are out of reach (cargo deny fetch db)'; fi; \
	else \
		echo 'LEFT OUT: cargo-deny is not installed (cargo install --locked cargo-deny)'; \
	fi

# Unit tests, and integration tests against the engine. nextest runs no
# examples in documentation, cargo test does.
unit:
	@if ! command -v haproxy >/dev/null; then \
		export RUNBAY_TESTS_WITHOUT_HAPROXY=1; \
		echo 'LEFT OUT: the tests behind the socket proxy (apt-get install haproxy)'; \
	fi; \
	if command -v cargo-nextest >/dev/null; then \
		echo $(CARGO) nextest run --no-fail-fast; \
		$(CARGO) nextest run --locked --no-fail-fast && $(CARGO) test --locked --doc; \
	else \
		echo $(CARGO) test; $(CARGO) test --locked; \
	fi
	$(UNSEED)

# The API as its document tells it, against a real service and engine.
api:
	timeout 240 tests/api/schemathesis.sh
	timeout 240 tests/api/client.sh
	timeout 240 tests/api/session.sh
	timeout 240 tests/api/notify.sh
	timeout 240 tests/first_hour.sh

# Only when what is wanted has changed since.
web-modules:
	@if [ ! web/node_modules/.package-lock.json -nt web/package-lock.json ]; then \
		echo npm ci; $(NPM) ci --no-audit --no-fund; fi

# Form, types, the client's age, units, and what a page may weigh.
web-check: web-modules
	$(NPM) run check
	$(NPM) run gen:api -- --check
	$(NPM) test
	$(NPM) run build

# The real binary, the real engine, a real browser.
web-e2e: web-modules
	RUNBAY_REQUIRE_WEB=1 $(CARGO) build --locked
	RUNBAY_BIN="$$(realpath "$${CARGO_TARGET_DIR:-target}")/debug/runbay" web/node.sh --browser $(NPM) run e2e

check-tasks:
	$(CARGO) run --locked --quiet -- check
