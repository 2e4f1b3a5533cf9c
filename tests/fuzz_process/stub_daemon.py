#!/usr/bin/python3
"""Something that looks like the daemon from outside, and breaks when it is asked to: what the fuzzer has to notice.

CLUED_STUB says what happens at the first request whose method is MESSAGE: dies, spins, slow, forgets (something is left
for ever), complains; or never anything: good.
"""

import os
import re
import selectors
import signal
import socket
import sys
import time

KINDS = ("conferences", "participants", "dialogs", "channels")


class Stub:
    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self.left = 0
        self.selector = selectors.DefaultSelector()
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        while True:
            self.datagrams.bind(("127.0.0.1", 0))
            try:
                self.listener.bind(self.datagrams.getsockname())
                break
            except OSError:
                self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.listener.listen()
        self.selector.register(self.datagrams, selectors.EVENT_READ, self.datagram)
        self.selector.register(self.listener, selectors.EVENT_READ, self.connection)
        signal.signal(signal.SIGUSR1, lambda *_: self.tell())
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))

    @staticmethod
    def say(text: str) -> None:
        print(f"2026-01-01T00:00:00 info {text}", file=sys.stderr, flush=True)

    def tell(self) -> None:
        self.say("state.census " + " ".join(f"{kind}={self.left}" for kind in KINDS))
        self.say("state.counters lingering_transactions=0")

    def datagram(self, _: socket.socket) -> None:
        data, peer = self.datagrams.recvfrom(65536)
        answer = self.handle(data)
        if answer:
            self.datagrams.sendto(answer, peer)

    def connection(self, _: socket.socket) -> None:
        taken, _ = self.listener.accept()
        self.selector.register(taken, selectors.EVENT_READ, self.stream)

    def stream(self, taken: socket.socket) -> None:
        try:
            data = taken.recv(65536)
            if data:
                taken.sendall(self.handle(data) or b"")
                return
        except OSError:
            pass
        self.selector.unregister(taken)
        taken.close()

    def handle(self, data: bytes) -> bytes:
        if data.startswith(b"MESSAGE "):
            self.breaks()
        if not re.match(rb"(OPTIONS|INVITE|BYE) ", data):
            return b""
        kept = [line for line in data.split(b"\r\n") if re.match(rb"(Via|From|To|Call-ID|CSeq):", line)]
        port = self.datagrams.getsockname()[1]
        contact = b"Contact: <sip:x@127.0.0.1:%d>" % port
        return b"\r\n".join([b"SIP/2.0 200 OK", *kept, contact, b"Content-Length: 0", b"", b""])

    def breaks(self) -> None:
        if self.behaviour == "dies":
            os.abort()
        while self.behaviour == "spins":
            pass
        if self.behaviour == "slow":
            end = time.process_time() + 3
            while time.process_time() < end:
                pass
        if self.behaviour == "forgets":
            self.left = 1
        if self.behaviour == "complains":
            self.say("bug.impossible detail=x")

    def run(self) -> None:
        host, port = self.datagrams.getsockname()
        self.say(f'daemon.ready listening="sip:{host}:{port};transport=udp,sip:{host}:{port};transport=tcp"')
        while True:
            for key, _ in self.selector.select():
                key.data(key.fileobj)


if __name__ == "__main__":
    Stub(os.environ["CLUED_STUB"]).run()
