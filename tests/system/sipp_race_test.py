"""SIPp plays what happens when messages are late, lost, crossing or unexpected."""

from __future__ import annotations

from sipp_support import SippTest


class Race(SippTest):
    timer_f = 2  # so that what is never answered is given up soon
    config_extra = "session: {channel_wait: 1s}\n"

    async def alone(self, situation: str, **how) -> None:
        await self.play(situation, **how)
        await self.nothing_left()

    async def removed(self, situation: str, state: str = "participant.joined") -> str:
        """SIPp joins Alice's conference, she removes it in this state; the last status that she is told."""
        alice = await self.join("alice", self.factory, room=None)
        since = self.log.mark
        sipp = await self.begin(situation, service=alice.conference_uri.split(":", 1)[1].split("@")[0])
        await self.daemon.wait_record(state, participant="p2")
        self.assertEqual((await alice.refer("sip:sipp-phone@tp.example.org", in_dialog=False)).status, 200)
        await self.end(sipp, situation)
        final = await alice.record.wait("notified", 10.0, since, state=lambda state: state.startswith("terminated"))
        await self.gone(alice)
        return final["body"]

    async def test_ack_is_late(self) -> None:
        await self.alone("ack_is_late")

    async def test_ack_never_comes(self) -> None:
        await self.alone("ack_never_comes")

    async def test_ack_is_lost_before_bye(self) -> None:
        await self.alone("ack_is_lost_before_bye", calls=5)

    async def test_cancel_crosses_answer(self) -> None:
        await self.alone("cancel_crosses_answer")

    async def test_bye_comes_twice(self) -> None:
        await self.alone("bye_comes_twice")

    async def test_bye_in_early_dialog(self) -> None:
        await self.alone("bye_in_early_dialog")

    async def test_invite_overlaps_invite(self) -> None:
        await self.alone("invite_overlaps_invite")

    async def test_request_arrives_by_two_ways(self) -> None:
        await self.alone("request_arrives_by_two_ways")

    async def test_bye_crosses_bye(self) -> None:
        self.assertEqual(await self.removed("bye_crosses_bye"), "SIP/2.0 200 OK")

    async def test_phone_is_removed_before_its_ack(self) -> None:
        """END-02"""
        self.assertEqual(await self.removed("phone_is_removed_before_its_ack", "participant.answered"), "SIP/2.0 200 OK")

    async def test_room_is_removed_before_its_answer(self) -> None:
        """END-02"""
        self.assertEqual(await self.removed("room_is_removed_before_its_answer", "participant.answered"), "SIP/2.0 200 OK")

    async def test_bye_is_never_answered(self) -> None:
        """END-04: the dialog is gone all the same."""
        self.assertEqual(await self.removed("bye_is_never_answered"), "SIP/2.0 200 OK")

    async def test_bye_is_answered_481(self) -> None:
        self.assertEqual(await self.removed("bye_is_answered_481"), "SIP/2.0 200 OK")


class LossyNetwork(SippTest):
    timer_f = 16  # time for six repetitions: all of them are lost, either way, in one of a hundred thousand calls

    async def test_network_loses_messages(self) -> None:
        await self.play("network_loses_messages", calls=8)
        # A 200 whose ACK was lost is repeated until its time is over, whatever the BYE said.
        await self.nothing_left(self.timer_f + 10.0)
