"""Kamailio as the edge in front of the daemon: identity by P-Asserted-Identity, every dialog through its route set."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import kamailio
from peers import need
from support import SystemTest
from ue.endpoint import Endpoint
from ue.settings import Behaviour
from ue.watcher import Watcher


class BehindEdge(SystemTest):
    transport = "udp"  # between the edge and the focus
    config_extra = "conference: {subscribe: anyone}\nconference_event: {min_interval: 0s}\n"

    @classmethod
    def setUpClass(cls) -> None:
        need(kamailio.program() is not None, "kamailio")

    async def asyncSetUp(self) -> None:
        # The daemon has to know the edge's port, and the edge the daemon's.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.edge = kamailio.Kamailio(Path(folder.name))
        self.trusted_peers = f'["127.0.0.1:{self.edge.port}"]'
        await super().asyncSetUp()
        self.addAsyncCleanup(self.edge.stop)
        await self.edge.start(self.port, self.transport)

    async def join_by_edge(self, name: str, uri: str, **settings: Any) -> Endpoint:
        return await self.join(name, uri, proxy=self.edge.uri, **settings)

    def asserted(self, name: str) -> str:
        return f"sip:{name}@ims.example.org"

    def check_path(self, one: Endpoint) -> None:
        """Every request that it got came from the edge."""
        for event in one.record.all("sip_received", request=True):
            vias = [line for line in event["text"].split("\r\n") if line.startswith("Via:")]
            self.assertEqual(len(vias), 2, event["text"])
            self.assertIn(f":{self.edge.port};", vias[0] + ";")


class ConferenceBehindEdge(BehindEdge):
    async def test_creator_removes_one_through_the_edge(self) -> None:
        """IMS-01, IMS-04: who they are is what the edge asserts; BYE and re-INVITE come by the route set."""
        alice = await self.join_by_edge("alice", self.factory)
        bob = await self.join_by_edge("bob", alice.conference_uri)
        carol = await self.join_by_edge("carol", alice.conference_uri)
        await self.settled(alice, bob, carol)
        for name in ("alice", "bob", "carol"):
            await self.daemon.wait_record("participant.joined", identity=self.asserted(name))
        token = self.token_of("Bob", alice)
        watcher = Watcher(self.log, "watcher")
        await watcher.start()
        self.addAsyncCleanup(watcher.close)
        self.assertEqual((await watcher.subscribe(alice.conference_uri)).status, 200)
        everybody = {self.asserted(name) for name in ("alice", "bob", "carol")}
        await watcher.wait(lambda roster: set(roster.present) == everybody)

        since = self.log.mark
        self.assertEqual((await alice.refer(self.asserted("bob"))).status, 200)
        await self.check_channel_removed(bob, since)
        for one in (alice, carol):
            await self.check_refreshed(one, "Bob", token, since)
        await alice.record.wait("notified", 5.0, since, body="SIP/2.0 200 OK")
        for one in (alice, bob, carol):
            self.check_path(one)
        await watcher.wait(lambda roster: set(roster.present) == everybody - {self.asserted("bob")})
        await self.gone(carol, alice)

    async def test_out_of_dialog_refer_is_from_whom_the_edge_asserts(self) -> None:
        """The creator's identity proves the right to remove, without any dialog to be recognised by."""
        alice = await self.join_by_edge("alice", self.factory, room=None)
        bob = await self.join_by_edge("bob", alice.conference_uri, room=None)
        since = self.log.mark
        self.assertEqual((await bob.refer(self.asserted("alice"), in_dialog=False)).status, 403)
        self.assertEqual((await alice.refer(self.asserted("bob"), in_dialog=False)).status, 200)
        await bob.record.wait("bye_received", 5.0, since)
        await alice.record.wait("notified", 5.0, since, body="SIP/2.0 200 OK")
        await self.gone(alice)

    async def test_forged_identities_are_not_believed(self) -> None:
        """IMS-01: neither by the edge, which replaces it, nor by the focus from somebody else on the edge's address."""
        alice = await self.join_by_edge("alice", self.factory, room=None)
        forged = self.asserted("alice")
        mallory = await self.join_by_edge("mallory", alice.conference_uri, room=None, asserted_identity=forged)
        await self.daemon.wait_record("participant.joined", identity=self.asserted("mallory"))
        since = len(self.daemon.records)
        direct = await self.join("direct", alice.conference_uri, room=None, asserted_identity=forged)
        await self.daemon.wait_record("sip.identity_ignored", since=since)
        await self.daemon.wait_record("participant.joined", since=since, identity=direct.identity)
        for one in (mallory, direct):
            self.assertEqual((await one.refer(self.asserted("alice"))).status, 403)
        await self.gone(mallory, direct, alice)

    async def test_cancel_reaches_the_focus_through_the_edge(self) -> None:
        """TP-02: with the reliable 183 out and the CLUE channel already up."""
        alice = await self.join_by_edge("alice", self.factory)
        waiting = Behaviour(withhold_prack=True)
        bob = await self.endpoint("bob", waiting, proxy=self.edge.uri, reliable_provisional=True)
        invite = bob.begin_join(alice.conference_uri)
        await bob.record.wait("sip_received", 5.0, status=183)
        self.assertEqual((await bob.cancel()).status, 200)
        self.assertEqual((await bob.finish_join(invite)).status, 487)
        await self.gone(alice)

    async def test_participant_leaves_through_the_edge(self) -> None:
        alice = await self.join_by_edge("alice", self.factory)
        bob = await self.join_by_edge("bob", alice.conference_uri)
        await self.settled(alice, bob)
        self.assertEqual((await bob.leave()).status, 200)
        await self.told(alice, set())
        self.check_path(alice)
        await self.gone(alice)


class ConferenceBehindEdgeOverTcp(BehindEdge):
    """The phones speak UDP, the focus is reached by TCP: two Record-Routes, and BYE on the connection of the edge."""

    transport = "tcp"

    async def test_creator_removes_one_through_the_edge(self) -> None:
        alice = await self.join_by_edge("alice", self.factory)
        bob = await self.join_by_edge("bob", alice.conference_uri)
        await self.settled(alice, bob)
        self.assertEqual(len(alice.dialog.route_set), 2)
        invited = await self.daemon.wait_record("participant.invited", identity=self.asserted("bob"))
        self.assertEqual(invited["source"], f"tcp:127.0.0.1:{self.edge.port}")
        since = self.log.mark
        self.assertEqual((await alice.refer(self.asserted("bob"))).status, 200)
        await self.check_channel_removed(bob, since)
        await self.told(alice, set())
        self.check_path(alice)
        self.check_path(bob)
        await alice.leave()
        await self.daemon.wait_census(participants=0, dialogs=0)


del BehindEdge  # has no test of its own
