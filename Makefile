# Everything here is an ordinary cargo, npm or node command. `make run` and `make test` need nothing but this
# repository, Rust, Node.js 20 and Python 3; `make test` installs the rest when it is missing (as root, or with sudo).

CAMPANILE := target/debug/campanile
CONFORMANCE := target/debug/examples/conformance
PUSH_EXAMPLE := target/debug/examples/push

.PHONY: run build test lint test-rust test-wire test-bridge test-push test-scenarios test-pages test-browser test-sdk e2e-tools audit format bench bench-counts fuzz soak

## Build the hub and serve it on http://127.0.0.1:4100. Options: make run ARGS="--listen 0.0.0.0:4100"
run: build
	target/release/campanile serve $(ARGS)

## Build the shipped binary: target/release/campanile
build:
	cargo build --release --locked --package campanile-server

## Everything that CI checks
test: lint test-rust test-wire test-bridge test-push test-scenarios test-pages test-browser test-sdk
	@echo "all tests passed"

lint:
	cargo fmt --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	npm run check --prefix web/console
	npm run check --prefix web/pages

test-rust:
	cargo test --locked --workspace

## Raw bytes against the protocol, from outside
test-wire: e2e-tools
	cargo build --locked --package campanile-transport --example conformance
	WIRE_PATIENT=1 CAMPANILE_CONFORMANCE=$(CURDIR)/$(CONFORMANCE) node --test --test-concurrency=2 e2e/wire/*.test.mjs

## Stock clients of eight makes against the hub
test-bridge: e2e-tools
	cargo build --locked --package campanile-server
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) node --test --test-concurrency=2 e2e/bridge/*.test.mjs

## Apps, users, sessions and pushes, the whole API against its own description, and a hub that is killed
test-push: e2e-tools
	cargo build --locked --package campanile-server
	cargo build --locked --package campanile-platform --example push
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) CAMPANILE_EXAMPLE_PUSH=$(CURDIR)/$(PUSH_EXAMPLE) node --test --test-concurrency=2 e2e/push/*.test.mjs

## Scenarios: what starts them, their steps, their order, a hub that is stopped or killed meanwhile
test-scenarios: e2e-tools
	cargo build --locked --package campanile-server
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) node --test --test-concurrency=2 e2e/scenarios/*.test.mjs

## Pages of apps in a real browser
test-pages: e2e-tools
	cargo build --locked --package campanile-server
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) node --test --test-concurrency=1 e2e/pages/*.test.mjs

## A real browser against the hub
test-browser: e2e-tools
	cargo build --locked --package campanile-server
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) node --test --test-concurrency=1 $(filter-out e2e/browser/sdk%,$(wildcard e2e/browser/*.test.mjs))

## The front-end kit: its rules, its connections, and its pages in a real browser
test-sdk: e2e-tools
	cargo build --locked --package campanile-server
	npm run --silent --prefix sdk build
	npm run --silent --prefix sdk test
	CAMPANILE_BIN=$(CURDIR)/$(CAMPANILE) node --test --test-concurrency=1 e2e/sdk/*.test.mjs e2e/browser/sdk*.test.mjs

## What the tests from outside need: npm packages, a Python environment, a browser
e2e-tools:
	sh e2e/setup.sh

## Licences, bans, sources and known advisories; fetches the advisory database
audit:
	command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check bans licenses sources
	cargo deny check advisories

format:
	cargo fmt

## Measure the hub beside its peers; half an hour on a quiet machine with two cores. Writes docs/benchmarks
bench: build
	cargo build --release --manifest-path bench/Cargo.toml
	npm ci --prefix bench/peer-node
	python3 bench/run.py $(ARGS)

## Allocations and instructions for each operation, against thresholds. Needs valgrind
bench-counts:
	cargo build --release --manifest-path bench/Cargo.toml --package counts
	$${CARGO_TARGET_DIR:-bench/target}/release/counts allocations
	$${CARGO_TARGET_DIR:-bench/target}/release/counts instructions

## Fuzz each target for FUZZ_SECONDS. Installs cargo-fuzz when it is missing
FUZZ_SECONDS ?= 60
fuzz:
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	for target in frame engine socket json deflate session; do \
		mkdir -p fuzz/corpus/$$target; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir fuzz $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -dict=fuzz/dictionaries/text.dict || exit 1; \
	done

## Half an hour of mixed traffic, with a verdict: make soak ARGS="--minutes 3"
soak: build
	npm ci --prefix e2e
	node e2e/soak/soak.mjs $(ARGS)
