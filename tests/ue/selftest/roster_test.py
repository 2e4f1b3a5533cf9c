"""The roster of a subscriber: does it follow the documents, and does it notice when they make no sense?"""

from __future__ import annotations

import unittest

from ..conference_info import ConferenceInfo


def document(version: int, state: str, users: str, count: int) -> str:
    return (
        f'<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:c@h" state="{state}" '
        f'version="{version}"><conference-state><user-count>{count}</user-count></conference-state>'
        f'<users state="{state}">{users}</users></conference-info>'
    )


def user(name: str, status: str = "connected", state: str = "full") -> str:
    if state == "deleted":
        return f'<user entity="sip:{name}@h" state="deleted"/>'
    return (
        f'<user entity="sip:{name}@h" state="{state}"><roles><entry>participant</entry></roles>'
        f'<endpoint entity="sip:{name}@1.2.3.4"><status>{status}</status></endpoint></user>'
    )


class Roster(unittest.TestCase):
    def setUp(self) -> None:
        self.roster = ConferenceInfo()

    def test_full_partial_deleted(self) -> None:
        self.roster.apply(document(4, "full", user("a") + user("b"), 2))
        self.assertEqual(sorted(self.roster.present), ["sip:a@h", "sip:b@h"])
        self.assertEqual(self.roster.users["sip:a@h"].roles, ["participant"])
        self.roster.apply(document(5, "partial", user("b", "disconnected") + user("c"), 2))
        self.assertEqual(sorted(self.roster.present), ["sip:a@h", "sip:c@h"])
        self.roster.apply(document(6, "partial", user("b", state="deleted"), 2))
        self.assertEqual(sorted(self.roster.users), ["sip:a@h", "sip:c@h"])
        self.roster.apply(document(7, "full", user("a"), 1))
        self.assertEqual(sorted(self.roster.users), ["sip:a@h"])
        self.assertEqual(self.roster.faults, [])

    def test_what_makes_no_sense(self) -> None:
        self.roster.apply(document(1, "partial", user("a"), 1))
        self.assertIn("the first document is partial", self.roster.faults)
        self.roster.apply(document(3, "partial", user("x", state="deleted"), 2))
        self.assertIn("version 3 after 1", self.roster.faults)
        self.assertIn("sip:x@h is deleted and was never there", self.roster.faults)
        self.assertIn("version 3: user-count 2, but 1 are present", self.roster.faults)
