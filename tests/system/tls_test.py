"""SIP over TLS with certificates made for the test, and Python's ssl as the other end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from support import SystemTest
from ue.callee import Callee

LISTEN = 'listen: [{{address: "{address}", port: 0}}]'


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_root(folder: Path) -> None:
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "root.key",
            "-out", "root.pem", "-days", "2", "-subj", "/CN=root")


def make_certificate(folder: Path, name: str, names: str) -> None:
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.csr", "-subj", f"/CN={name}")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


class TlsTest(SystemTest):
    """A daemon that listens on TLS alone."""

    extra = ""
    listening = "tls: true, tls_port: 0, udp: false, tcp: false"

    def write_config(self) -> Path:
        make_root(self.folder)
        make_certificate(self.folder, "server", "DNS:tp.example.org,IP:127.0.0.1")
        make_certificate(self.folder, "endpoint", "URI:sip:alice@tp.example.org,IP:127.0.0.1")
        make_certificate(self.folder, "proxy", "DNS:edge.example.org,IP:127.0.0.1")
        self.config_extra = (
            f"tls: {{certificates: [{{chain: {self.folder}/server.pem, key: {self.folder}/server.key}}], "
            f"authorities: {self.folder}/root.pem{self.extra}}}\n"
        )
        path = super().write_config()
        path.write_text(path.read_text().replace("port: 0}", f"port: 0, {self.listening}}}"))
        return path

    def certified(self, name: str = "endpoint", **settings):
        files = (str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"), str(self.folder / "root.pem"))
        return dict(protocol="tls", tls=files, **settings)


class Tls(TlsTest):
    async def test_three_meet_and_one_is_removed(self) -> None:
        alice, bob, carol = await self.three(**self.certified())
        self.assertIn("transport=tls", alice.conference_uri)
        token = self.token_of("Bob", alice)
        since = self.log.mark
        self.assertEqual((await alice.refer(bob.identity)).status, 200)
        await self.check_channel_removed(bob, since)
        for one in (alice, carol):
            await self.check_refreshed(one, "Bob", token, since)
        await self.gone(carol, alice)

    async def test_removal_over_a_new_connection_when_the_old_is_dead(self) -> None:
        alice = await self.join("alice", self.factory, **self.certified())
        bob = await self.join("bob", alice.conference_uri, **self.certified())
        bob.agent.transport.drop_connections()
        since = self.log.mark
        self.assertEqual((await alice.refer(bob.identity)).status, 200)
        await bob.record.wait("bye_received", 5.0, since)
        await self.gone(alice)

    async def test_certificates_are_read_again(self) -> None:
        alice = await self.join("alice", self.factory, **self.certified())
        make_certificate(self.folder, "server", "DNS:new.example.org,IP:127.0.0.1")
        self.daemon.process.send_signal(signal.SIGHUP)
        await self.daemon.wait_record("config.reloaded")
        shown = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", str(self.folder / "root.pem"),
            "-verify_return_error", "-verify_hostname", "new.example.org",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertEqual(await asyncio.wait_for(shown.wait(), 10.0), 0)
        # One that cannot be read changes nothing.
        (self.folder / "server.key").write_text("nonsense")
        self.daemon.process.send_signal(signal.SIGHUP)
        refused = await self.daemon.wait_record("config.refused")
        self.assertIn("server.key", refused["detail"])
        bob = await self.join("bob", alice.conference_uri, **self.certified())
        await self.gone(bob, alice)


    async def test_conference_of_a_sips_uri(self) -> None:
        """RFC 5630 section 5.1.2: who calls by SIPS is answered under a SIPS URI, and by that URI others join."""
        alice = await self.join("alice", self.factory.replace("sip:", "sips:"), **self.certified(sips=True))
        self.assertTrue(alice.conference_uri.startswith("sips:conf-"), alice.conference_uri)
        self.assertNotIn("transport=", alice.conference_uri)
        bob = await self.join("bob", alice.conference_uri, **self.certified(sips=True))
        await self.settled(alice, bob)
        since = self.log.mark
        self.assertEqual((await alice.refer(bob.identity)).status, 200)
        await self.check_channel_removed(bob, since)
        await self.gone(alice)


class TlsDialOut(TlsTest):
    """REFERs that have the focus call by TLS (REF-07)."""

    async def callee(self, name: str, certificate: str = "endpoint", **settings) -> Callee:
        return await self.endpoint(name, kind=Callee, offerless=True, **self.certified(certificate, **settings))

    async def invite(self, referrer, target: str) -> str:
        """The last word that the referrer is told."""
        since = self.log.mark
        self.assertEqual((await referrer.refer_to(f"<{target};method=INVITE>")).status, 200)
        last = await referrer.record.wait("notified", 10.0, since, state=lambda state: state.startswith("terminated"))
        return last["body"]

    async def test_telepresence_endpoints_are_called_by_tls_and_by_sips(self) -> None:
        alice = await self.join("alice", self.factory, **self.certified())
        bob = await self.callee("bob")
        carol = await self.callee("carol", sips=True)
        for callee, scheme in ((bob, "sip:"), (carol, "sips:")):
            since = self.log.mark
            self.assertTrue(callee.called_as.startswith(scheme))
            self.assertIn("200", await self.invite(alice, callee.called_as))
            self.assertIn(f"<{scheme}conf-", callee.record.find("called", since)["contact"])
        await self.settled(alice, bob, carol)
        since = self.log.mark
        # The connection is gone when the BYE is due.
        carol.agent.transport.drop_connections()
        self.assertEqual((await alice.refer(carol.called_as)).status, 200)
        await carol.record.wait("bye_received", 5.0, since)
        self.assertEqual((await alice.refer(bob.called_as)).status, 200)
        await self.check_channel_removed(bob, since)
        await self.gone(alice)

    async def test_who_cannot_prove_to_be_the_one_is_not_called(self) -> None:
        make_certificate(self.folder, "liar", "DNS:elsewhere.example.org")
        alice = await self.join("alice", self.factory, **self.certified())
        liar = await self.callee("liar", "liar")
        self.assertIn("503", await self.invite(alice, liar.called_as))
        failed = await self.daemon.wait_record("sip.request_failed", method="INVITE")
        self.assertIn("certificate", failed["why"])
        self.assertIsNone(liar.record.find("called", 0))
        gone = await self.callee("gone")
        target = gone.called_as
        await gone.close()
        self.assertIn("503", await self.invite(alice, target))
        await self.daemon.wait_record("sip.request_failed", method="INVITE", why="Connection refused")
        await self.gone(alice)


class CertificateIsIdentity(TlsTest):
    extra = ", client_certificates: require, trusted_names: [edge.example.org]"

    def write_config(self) -> Path:
        path = super().write_config()
        path.write_text(path.read_text() + "conference: {moderators: ['sip:alice@tp.example.org', 'sip:mo@tp.example.org']}\n")
        return path

    async def test_user_and_proxy_are_believed(self) -> None:
        """The moderator by a certificate for its URI, another by what a trusted proxy asserts."""
        proxied = dict(self.certified("proxy"), asserted_identity="sip:mo@tp.example.org")
        carol = await self.join("carol", self.factory, **dict(self.certified("proxy"), asserted_identity="sip:c@h"))
        mo = await self.join("mo", carol.conference_uri, **proxied)
        alice = await self.join("alice", carol.conference_uri, **dict(self.certified(), asserted_identity="sip:forged@h"))
        dave = await self.join("dave", carol.conference_uri, **dict(self.certified("proxy"), asserted_identity="sip:dave@tp.example.org"))
        self.assertEqual((await dave.refer("sip:mo@tp.example.org")).status, 403)
        self.assertEqual((await alice.refer("sip:dave@tp.example.org")).status, 200)
        self.assertEqual((await mo.refer("sip:c@h")).status, 200)
        await self.gone(mo, alice)


class WrongCertificate(SystemTest):
    async def test_is_told_before_the_start(self) -> None:
        path = self.folder / "wrong.yaml"
        path.write_text("sip:\n  listen: [{address: 127.0.0.1, tls: true}]\ntls:\n"
                        "  certificates: [{chain: /nonexistent.pem, key: /nonexistent.key}]\n")
        checked = await asyncio.create_subprocess_exec(
            os.environ["CLUED_PROGRAM"], "--config", str(path), "--check-config", stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        _, said = await asyncio.wait_for(checked.communicate(), 10.0)
        self.assertEqual(checked.returncode, 78)
        self.assertIn(f"{path}:4: tls.certificates[0].chain: /nonexistent.pem: No such file or directory", said.decode())
