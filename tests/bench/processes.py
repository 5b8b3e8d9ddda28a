"""Whole processes by the operating system's own account: wall seconds and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEASURE = """
import os, resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
wall = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(wall, peak, code)
"""


@dataclass(frozen=True)
class Run:
    """Medians over the runs of one command: wall in seconds, peak in MB."""

    wall: float
    peak: float


def measured(command: Sequence[str], env: Mapping[str, str] | None = None, runs: int = 7, expect: int = 0) -> Run:
    """The command's medians after one warm-up. Raises RuntimeError where its exit code is not the expected one."""
    walls: list[float] = []
    peaks: list[float] = []
    for number in range(runs + 1):
        told = subprocess.run(
            [sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True, env=env
        )
        wall, peak, code = told.stdout.split()
        if int(code) != expect:
            raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{told.stderr}")
        if number:
            walls.append(float(wall))
            peaks.append(int(peak) / 1024)
    return Run(statistics.median(walls), statistics.median(peaks))


def sandbox_environment(folder: str) -> dict[str, str]:
    """The environment of a command on an embedded tenant in `folder`."""
    return {**os.environ, "ENTRAKIT_TENANT": "sandbox", "ENTRAKIT_STATE": folder}
