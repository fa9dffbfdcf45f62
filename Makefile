# What a developer does every day. Everything here is an ordinary cargo or npm command.

.PHONY: build run check format licences

build:
	cargo build --release --package campanile-server

run:
	cargo run --package campanile-server -- serve

check:
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace

format:
	cargo fmt

# Needs cargo-deny.
licences:
	cargo deny check
