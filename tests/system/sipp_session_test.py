"""SIPp plays the ordinary turns of a session, each as another implementation would (RFC 3261, 3262, 3264, 4028)."""

from __future__ import annotations

from sipp_support import SippTest


class Session(SippTest):
    config_extra = "session: {channel_wait: 500ms}\n"

    async def alone(self, situation: str, **how) -> None:
        await self.play(situation, **how)
        await self.nothing_left()

    async def test_phone_invites_without_offer(self) -> None:
        await self.alone("phone_invites_without_offer")

    async def test_phone_holds_and_resumes(self) -> None:
        """IMS-06"""
        await self.alone("phone_holds_and_resumes")

    async def test_phone_refreshes_by_update(self) -> None:
        """END-12"""
        await self.alone("phone_refreshes_by_update")

    async def test_peer_pings_with_options(self) -> None:
        await self.alone("peer_pings_with_options", calls=50)

    async def test_peer_pings_with_options_over_tcp(self) -> None:
        await self.alone("peer_pings_with_options", tcp=True)

    async def test_phone_pings_within_its_call(self) -> None:
        """FOC-07"""
        await self.alone("phone_pings_within_its_call")

    async def test_answer_comes_reliably(self) -> None:
        """OA-08"""
        await self.alone("answer_comes_reliably")

    async def test_phone_reserves_before_its_answer(self) -> None:
        """OA-09, FOC-02"""
        await self.alone("phone_reserves_before_its_answer")
        await self.daemon.wait_record("preconditions.met")

    async def test_phone_reserves_before_its_answer_over_tcp(self) -> None:
        await self.alone("phone_reserves_before_its_answer", tcp=True)

    async def test_phone_reserves_in_its_prack(self) -> None:
        """OA-09, OA-08"""
        await self.alone("phone_reserves_in_its_prack")

    async def test_room_reserves_before_its_answer(self) -> None:
        """TP-26"""
        await self.alone("room_reserves_before_its_answer")

    async def test_phone_requires_preconditions_without_100rel(self) -> None:
        await self.alone("phone_requires_preconditions_without_100rel")

    async def test_unknown_precondition_is_mandatory(self) -> None:
        await self.alone("unknown_precondition_is_mandatory")

    async def test_unknown_extension_is_required(self) -> None:
        await self.alone("unknown_extension_is_required")

    async def test_unknown_conference_is_called(self) -> None:
        await self.alone("unknown_conference_is_called", service="conf-nowhere")
