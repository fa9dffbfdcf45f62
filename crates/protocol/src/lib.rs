//! Bytes to packets and back: WebSocket frames, Engine.IO 4, Socket.IO 5.
