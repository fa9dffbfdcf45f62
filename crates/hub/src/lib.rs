//! The state machine of a real-time hub: connections, sockets, namespaces, rooms, acks, outboxes.
