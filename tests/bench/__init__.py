"""Benchmarks: whole processes, ratios within one run. `python -m tests.bench` prints the table."""
