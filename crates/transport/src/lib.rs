//! Shards on threads: listeners, HTTP, long-polling, WebSocket, TLS.
