"""What every test with foreign programs needs: are they there, and ports for them."""

from __future__ import annotations

import os
import random
import unittest

from ue.daemon import is_free


def need(installed: bool, what: str) -> None:
    """Without these programs the tests are skipped, unless they have to be there (scripts/setup --interop, CI)."""
    if not installed:
        if os.environ.get("CLUED_INTEROP") == "required":
            raise AssertionError(f"{what} is not installed: scripts/setup --interop")
        raise unittest.SkipTest(f"{what} is not installed: scripts/setup --interop")


def free_ports(count: int, address: str = "127.0.0.1") -> int:
    """The first of so many consecutive ports that are free for UDP and TCP.

    Foreign programs want to be told their ports. These lie below those that the kernel gives away by itself.
    """
    for _ in range(1000):
        first = random.randrange(10000, 32000 - count, 2)
        if all(is_free(address, port) for port in range(first, first + count)):
            return first
    raise OSError(f"no {count} consecutive ports are free")
