"""The fuzzer notices what it is there to notice: it is let loose on a program that breaks when it is sent a MESSAGE."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import List, Tuple

STUB = Path(__file__).resolve().parent / "stub_daemon.py"


class SelfTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def fuzz(self, behaviour: str, *options: str) -> Tuple[int, List[str]]:
        arguments = [os.environ["CLUED_FUZZ_PROCESS"], "--daemon", str(STUB), "--keep", str(self.folder), "--profile", "full"]
        done = subprocess.run([*arguments, *options], env={**os.environ, "CLUED_STUB": behaviour}, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def faults(self, lines: List[str]) -> int:
        return int(re.fullmatch(r"fuzz-process: messages=\d+ faults=(\d+) longest_turn_ms=\d+", lines[-1]).group(1))

    def found(self, behaviour: str, kind: str, *options: str) -> List[str]:
        """It is found, with status 1, and kept."""
        status, lines = self.fuzz(behaviour, "--messages", "200", "--faults", "1", *options)
        self.assertEqual((status, self.faults(lines)), (1, 1), lines)
        self.assertTrue(any(line.startswith(f"fault: {kind}: ") for line in lines), lines)
        self.assertTrue((self.folder / "fault-1.replay").exists())
        return lines

    def test_nothing_is_wrong(self) -> None:
        status, lines = self.fuzz("good", "--messages", "200", "--settle", "5")
        self.assertEqual((status, lines[-1].split(" longest")[0]), (0, "fuzz-process: messages=200 faults=0"))

    def test_a_death_is_noticed_shrunk_and_happens_again_in_the_replay(self) -> None:
        lines = self.found("dies", "died", "--shrink", "60")
        needed = [int(line.split()[2]) for line in lines if line.startswith("it needs ")]
        self.assertEqual(len(needed), 1, lines)
        self.assertLessEqual(needed[0], 3)
        status, lines = self.fuzz("dies", "--replay", str(self.folder / "fault-1.replay"))
        self.assertEqual((status, self.faults(lines)), (1, 1))
        self.assertTrue(any(line.startswith("MESSAGE ") for line in lines), "the replay shows what was sent")

    def test_silence_is_noticed(self) -> None:
        self.found("spins", "silent", "--shrink", "0")

    def test_slowness_is_noticed(self) -> None:
        self.found("slow", "slow", "--shrink", "0", "--turn", "500")

    def test_what_is_left_is_noticed(self) -> None:
        lines = self.found("forgets", "left", "--shrink", "0", "--settle", "1")
        self.assertTrue(any("participants 0 -> 1" in line for line in lines), lines)

    def test_a_record_that_says_bug_is_noticed(self) -> None:
        self.found("complains", "complained", "--shrink", "0")


if __name__ == "__main__":
    unittest.main()
