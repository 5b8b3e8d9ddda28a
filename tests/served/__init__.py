"""The sandbox behind real TLS on loopback, and a proxy in front of it."""
