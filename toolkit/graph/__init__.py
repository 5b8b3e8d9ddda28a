"""The only room that knows msgraph-sdk and kiota: client, pages, retry, errors, reader."""

import sys

# httpx imports its own command line (click, rich, pygments: 26 ms) wherever those are installed; nobody here needs it.
sys.modules.setdefault("httpx._main", None)  # pyright: ignore[reportArgumentType]
