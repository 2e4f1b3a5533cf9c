"""What a REFER may say, and what becomes of its subscription (REF-06, REF-11, REF-13, REF-15, REF-16, REF-20, REF-21)."""

from __future__ import annotations

from support import SystemTest


def is_last(state: str) -> bool:
    return state.startswith("terminated")


class Refers(SystemTest):
    async def test_one_final_answer_to_each(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        for in_dialog in (True, False):
            for value, status in (
                ("http://example.org/", 416),
                ("<sip:carol@tp.example.org;method=MESSAGE>", 403),
                ("<cid:list@example.org>", 420),
                ("<sip:nobody@tp.example.org;method=BYE>", 404),
            ):
                answer = await alice.refer_to(value, in_dialog)
                self.assertEqual(answer.status, status, value)
            answer = await alice.refer_to(f"<{carol.identity};method=BYE>", in_dialog, extra={"Require": "explicitsub"})
            self.assertEqual((answer.status, answer.get("Unsupported")), (420, "explicitsub"))
        self.assertIsNone(alice.record.find("notified", since), "a refused REFER makes no subscription")
        await self.daemon.wait_census(dialogs=3, subscriptions=0)
        await self.settled(alice, bob, carol)
        await self.gone(carol, bob, alice)

    async def test_no_subscription_when_none_is_wanted(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        answer = await alice.refer(carol.identity, extra={"Refer-Sub": "false"})
        self.assertEqual((answer.status, answer.get("Refer-Sub")), (200, "false"))
        await carol.record.wait("bye_received", 5.0, since)
        answer = await alice.refer(bob.identity, in_dialog=False, extra={"Require": "nosub"})
        self.assertEqual((answer.status, answer.get("Refer-Sub")), (200, ""))
        await bob.record.wait("bye_received", 5.0, since)
        await self.daemon.wait_census(dialogs=1, subscriptions=0, open_refers=0)
        await self.gone(alice)
        self.assertIsNone(alice.record.find("notified", since))

    async def test_second_refer_in_a_dialog_has_an_id(self) -> None:
        alice, bob, carol = await self.three()
        since = self.log.mark
        self.assertEqual((await alice.refer(carol.identity)).status, 200)
        await alice.record.wait("notified", 10.0, since, state=is_last)
        between = self.log.mark
        self.assertEqual((await alice.refer(bob.identity)).status, 200)
        second = await alice.record.wait("notified", 10.0, between, state=is_last)
        self.assertRegex(second["package"], r"^refer;id=\d+$")
        await self.gone(alice)

    async def test_the_creator_ends_the_conference(self) -> None:
        for in_dialog in (True, False):
            alice, bob, carol = await self.three()
            since = self.log.mark
            self.assertEqual((await bob.refer(alice.conference_uri, in_dialog)).status, 403)
            self.assertEqual((await alice.refer(alice.conference_uri, in_dialog)).status, 200)
            for one in (alice, bob, carol):
                await one.record.wait("bye_received", 5.0, since)
            last = await alice.record.wait("notified", 10.0, since, state=is_last)
            self.assertIn("SIP/2.0 200", last["body"])
            await self.nothing_left()

    async def test_removing_oneself(self) -> None:
        """The subscription outlives the dialog's session (RFC 5057, REF-13)."""
        alice, bob, carol = await self.three()
        for one, in_dialog in ((carol, True), (bob, False)):
            since = self.log.mark
            self.assertEqual((await one.refer(one.identity, in_dialog)).status, 200)
            await one.record.wait("bye_received", 5.0, since)
            last = await one.record.wait("notified", 10.0, since, state=is_last)
            self.assertIn("SIP/2.0 200", last["body"])
        await self.settled(alice)
        await self.gone(alice)


class SlowTarget(SystemTest):
    timer_f = 4
    config_extra = "conference: {end_when: last-leaves}\n"

    async def test_referrer_that_leaves_meanwhile_is_still_told(self) -> None:
        alice, bob, carol = await self.three()
        for in_dialog, target in ((False, carol), (True, bob)):
            since = self.log.mark
            target.behaviour.ignore_bye = True
            self.assertEqual((await alice.refer(target.identity, in_dialog)).status, 200)
            await target.record.wait("sip_received", 5.0, since, method="BYE")
            if in_dialog:
                self.assertEqual((await alice.leave()).status, 200)
            last = await alice.record.wait("notified", 10.0, since, state=is_last)
            self.assertIn("SIP/2.0 200", last["body"], "the target is gone, which is what was asked for")
        await self.nothing_left()
