"""The terminal: what is written to it, asked on it, and drawn while work is going on."""
