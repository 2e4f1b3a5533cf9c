"""One endpoint from the command line: `/usr/bin/python3 -m ue --help` (from tests/)."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from . import captures
from .endpoint import Endpoint
from .settings import Behaviour, Settings
from .events import EventLog

HELP = """Joins a conference, speaks CLUE, and writes one JSON object per event and line: t (monotonic seconds), n, ue,
event, and what belongs to it (sip_sent, sip_received, channel_state, chunk_received, clue_sent, clue_received, ...).
The rooms are files of tests/data/captures."""


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ue", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("uri", help="whom to call: the factory, or a conference URI")
    parser.add_argument("--name", default="alice", help="user part of its identity (default: %(default)s)")
    parser.add_argument("--address", default="127.0.0.1", help="its own IP address (default: %(default)s)")
    parser.add_argument("--tcp", action="store_true", help="SIP over TCP instead of UDP")
    parser.add_argument("--room", default="two-cameras", help="a room by name, or a file (default: %(default)s)")
    parser.add_argument("--phone", action="store_true", help="an ordinary phone without CLUE, audio only")
    parser.add_argument("--stream-id", type=int, default=0, help="of a=dcmap (default: %(default)s)")
    parser.add_argument("--100rel", dest="reliable", action="store_true", help="Supported: 100rel")
    parser.add_argument("--stay", type=float, default=60.0, metavar="SECONDS", help="before it leaves (default: %(default)s)")
    parser.add_argument("--refer", metavar="URI", help="remove this participant by REFER once CLUE is active")
    parser.add_argument("--out-of-dialog", action="store_true", help="that REFER with Target-Dialog instead of in-dialog")
    parser.add_argument("--cancel-after", type=float, metavar="SECONDS", help="CANCEL instead of waiting for the answer")
    misbehaviour = parser.add_argument_group("misbehaviour")
    misbehaviour.add_argument("--silent", action="store_true", help="reads CLUE messages and answers none")
    misbehaviour.add_argument("--nack", action="store_true", help="refuses each advertisement")
    misbehaviour.add_argument("--slow", type=float, default=0.0, metavar="SECONDS", help="before each CLUE and SDP answer")
    misbehaviour.add_argument("--drop-after", type=float, metavar="SECONDS", help="pulls the cable")
    misbehaviour.add_argument("--no-prack", action="store_true")
    misbehaviour.add_argument("--no-ack", action="store_true")
    misbehaviour.add_argument("--no-options-response", action="store_true")
    misbehaviour.add_argument("--reject-reinvite", type=int, default=0, metavar="STATUS")
    misbehaviour.add_argument("--ignore-bye", action="store_true")
    return parser


def make_endpoint(options: argparse.Namespace, log: EventLog) -> Endpoint:
    behaviour = Behaviour(
        withhold_prack=options.no_prack, withhold_ack=options.no_ack, ignore_bye=options.ignore_bye,
        reject_reinvite=options.reject_reinvite, reject_once=False, answer_delay=options.slow,
    )
    behaviour.clue.silent = options.silent
    behaviour.clue.nack = options.nack
    behaviour.clue.delay = options.slow
    behaviour.clue.withhold_options_response = options.no_options_response
    settings = Settings(
        name=options.name, address=options.address, protocol="tcp" if options.tcp else "udp",
        room=None if options.phone else captures.load(options.room, options.name.capitalize()),
        media=["audio"] if options.phone else ["audio", "video"], profile="RTP/AVP" if options.phone else "RTP/AVPF",
        stream_id=options.stream_id, reliable_provisional=options.reliable,
    )
    return Endpoint(log, settings, behaviour)


async def session(options: argparse.Namespace, endpoint: Endpoint) -> int:
    transaction = endpoint.begin_join(options.uri)
    if options.cancel_after is not None:
        await asyncio.sleep(options.cancel_after)
        await endpoint.cancel()
    final = await endpoint.finish_join(transaction)
    if final.status >= 300:
        return 1
    if options.drop_after is not None:
        await asyncio.sleep(options.drop_after)
        endpoint.cut()
        return 0
    if options.refer:
        await endpoint.record.wait("clue_active")
        await endpoint.refer(options.refer, in_dialog=not options.out_of_dialog)
    bye = asyncio.ensure_future(endpoint.record.wait("bye_received", timeout=options.stay))
    await asyncio.wait([bye])
    if bye.exception() is not None:
        await endpoint.leave()
    if endpoint.channel is not None and endpoint.channel.state == "open":
        ended = asyncio.ensure_future(endpoint.record.wait("channel_state", timeout=3.0, state="closed"))
        await asyncio.wait([ended])
        ended.exception()  # The peer did not close it; then close() does.
    return 0


async def main() -> int:
    options = arguments().parse_args()
    endpoint = make_endpoint(options, EventLog(sys.stdout))
    await endpoint.start()
    work = asyncio.ensure_future(session(options, endpoint))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        if endpoint.dialog is not None and endpoint.dialog.confirmed:
            await asyncio.wait_for(endpoint.leave(), 2.0)
        return 0
    finally:
        await endpoint.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
