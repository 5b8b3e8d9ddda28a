"""What all tests share: a machine where nothing is configured."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LEGACY = ("CLIENT_ID", "CLIENT_SECRET", "TENANT_ID")


@pytest.fixture(autouse=True)
def nothing_is_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the settings, credentials or state of the person who runs it."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "ENTRAKIT_", "IDENTITY_", "MSI_")) or name in (
            "CLIENT_ID",
            "CLIENT_SECRET",
            "TENANT_ID",
        ):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENTRAKIT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("ENTRAKIT_CONFIG", str(tmp_path / "config.toml"))
