"""Repair, audit and guard the enterprise applications of a Microsoft 365 / Entra ID tenant."""

__version__ = "0.1.0"
