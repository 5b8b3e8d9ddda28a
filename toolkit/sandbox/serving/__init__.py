"""The sandbox for other programs: over TLS on this machine's loopback, directly and through a proxy of its own.

A client that is pointed at the proxy and told to trust the authority uses Microsoft's real host names, unmodified.
"""

from __future__ import annotations

from toolkit.sandbox.serving.connection import Patience
from toolkit.sandbox.serving.server import PortUnusable, Serving, serving

__all__ = ["Patience", "PortUnusable", "Serving", "serving"]
