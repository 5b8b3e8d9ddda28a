"""Judgements about what was read: pure, offline, one subject per module."""
