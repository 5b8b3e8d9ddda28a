"""Principals, consent and roles as frozen values: no I/O, no clock, no SDK."""
