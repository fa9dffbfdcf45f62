//! The campanile binary: configuration, command line, HTTP API, metrics, lifecycle.
