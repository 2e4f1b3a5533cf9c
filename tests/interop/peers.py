"""What every test with foreign programs needs."""

from __future__ import annotations

import os
import unittest


def need(installed: bool, what: str) -> None:
    """Without these programs the tests are skipped, unless they have to be there (scripts/setup --interop, CI)."""
    if not installed:
        if os.environ.get("CLUED_INTEROP") == "required":
            raise AssertionError(f"{what} is not installed: scripts/setup --interop")
        raise unittest.SkipTest(f"{what} is not installed: scripts/setup --interop")
