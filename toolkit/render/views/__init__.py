"""Answers of the domain as views: one module per noun."""
