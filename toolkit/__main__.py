"""`python -m toolkit` is `entrakit`."""

from toolkit.main import run

run()
