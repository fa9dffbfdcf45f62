//! The product: apps, and the bridge between providers and their clients.
