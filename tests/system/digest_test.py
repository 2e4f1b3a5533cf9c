"""Digest authentication with the hashes of Python and of SIPp as the other end (FOC-17, RFC 8760)."""

from __future__ import annotations

import hashlib
import os

from sipp_support import SippTest
from support import SystemTest
from ue.sip_digest import User

MD5_OF_CAROL = hashlib.md5(b"carol:rooms:third").hexdigest()

CONFIG = f"""
auth:
  require: untrusted
  realm: rooms
  users:
    - {{name: alice, password: "first \\"secret\\"", identity: "sip:alice@tp.example.org"}}
    - {{name: bob, password: second, identity: "sip:bob@tp.example.org"}}
    - {{name: carol, ha1_md5: {MD5_OF_CAROL}, identity: "sip:carol@tp.example.org"}}
conference: {{moderators: ["sip:bob@tp.example.org"]}}
"""


class Digest(SystemTest):
    config_extra = CONFIG

    async def test_users_meet_and_the_moderator_removes(self) -> None:
        """The identity of the user counts for who may remove; From and P-Asserted-Identity do not."""
        alice = await self.join("alice", self.factory, credentials=User("alice", 'first "secret"'))
        self.assertIn("SHA-256", self.authorization(alice))
        bob = await self.join("bob", alice.conference_uri, credentials=User("bob", "second", ("MD5",)))
        self.assertIn("MD5", self.authorization(bob))
        carol = await self.join("carol", alice.conference_uri, credentials=User("carol", "third", ("MD5",)))
        await self.settled(alice, bob, carol)
        self.assertEqual((await carol.refer(alice.identity)).status, 403)
        since = self.log.mark
        self.assertEqual((await bob.refer(carol.identity, in_dialog=False)).status, 200)
        await self.check_channel_removed(carol, since)
        await self.gone(bob, alice)
        self.assertFalse([record for record in self.daemon.records if record["record"] == "sip.authentication_failed"])

    @staticmethod
    def authorization(endpoint) -> str:
        return endpoint.record.find("sip_sent", first=lambda line: "INVITE" in line, text=lambda text: "Authorization" in text)["text"]

    async def test_who_gives_no_or_a_wrong_password_stays_outside(self) -> None:
        for user in (None, User("alice", "guess"), User("mallory", "second"), User("carol", "third", ("SHA-256",))):
            one = await self.endpoint("mallory", credentials=user, asserted_identity="sip:bob@tp.example.org")
            self.assertEqual((await one.join(self.factory)).status, 401)
        await self.nothing_left()
        refused = [record for record in self.daemon.records if record["record"] == "sip.authentication_failed"]
        self.assertEqual({record["user"] for record in refused}, {"alice", "mallory", "carol"})

    async def test_no_password_is_logged(self) -> None:
        alice = await self.join("alice", self.factory, credentials=User("alice", 'first "secret"'))
        await self.gone(alice)
        said = str(self.daemon.records) + str(self.daemon.lines)
        for secret in ("secret", "second", MD5_OF_CAROL):
            self.assertNotIn(secret, said)


class DigestOfSipp(SippTest):
    """SIPp answers the first challenge and knows MD5 only, as clients before RFC 8760 do."""

    config_extra = CONFIG.replace("realm: rooms", "realm: rooms\n  algorithms: [MD5]")

    async def test_phone_joins_with_its_password(self) -> None:
        await self.play("phone_joins_with_password", calls=5)
        await self.nothing_left()


class UsersInAFileOfTheirOwn(SystemTest):
    def write_config(self):
        users = self.folder / "users.yaml"
        users.write_text('users: [{name: dave, password: fourth, identity: "sip:dave@tp.example.org"}]\n')
        os.chmod(users, 0o600)
        self.config_extra = f"auth: {{require: untrusted, realm: rooms, users_file: {users}}}\n"
        return super().write_config()

    async def test_are_known(self) -> None:
        dave = await self.join("dave", self.factory, credentials=User("dave", "fourth"))
        await self.gone(dave)

