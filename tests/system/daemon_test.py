"""The daemon as a process: arguments, exit status, signals, reload, and what it tells the service manager."""

import contextlib
import json
import os
import pathlib
import re
import resource
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["CLUED_PROGRAM"]
SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "config" / "clued.yaml"
LISTEN = 'sip: {listen: [{address: 127.0.0.1, port: %d}], t1x64: 2s}\n'
JSON = "log: {level: %s, format: json}\n"
PATIENCE = 10


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=PATIENCE, **options)


class DaemonTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.config = self.folder / "clued.yaml"
        self.records = []
        self.process = None

    def write(self, text):
        self.config.write_text(text, encoding="utf-8")

    def launch(self, text=LISTEN % 0 + JSON % "info", environment=None, **options):
        self.write(text)
        self.process = subprocess.Popen(
            [PROGRAM, "--config", str(self.config)], stderr=subprocess.PIPE, env={**os.environ, **(environment or {})},
            **options)
        self.addCleanup(self.end, self.process)
        self.buffer = b""

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()

    def record(self, name, patience=PATIENCE):
        """The next record of this name; those before it are kept in self.records."""
        deadline = time.monotonic() + patience
        while True:
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                record = json.loads(line)
                self.records.append(record)
                if record["record"] == name:
                    return record
            left = deadline - time.monotonic()
            readable, _, _ = select.select([self.process.stderr], [], [], max(left, 0))
            data = os.read(self.process.stderr.fileno(), 65536) if readable else b""
            if not data:
                self.fail(f"no record {name}; status {self.process.poll()}, seen {self.records} {self.buffer}")
            self.buffer += data

    def ready(self):
        """Waits until the daemon is ready; its SIP port."""
        listening = self.record("daemon.ready")["listening"]
        return int(re.search(r"127\.0\.0\.1:(\d+)", listening).group(1))

    def signal(self, number):
        self.process.send_signal(number)

    def status(self):
        return self.process.wait(PATIENCE)

    def manager(self):
        """A socket that plays systemd."""
        path = str(self.folder / "notify")
        listener = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        listener.bind(path)
        listener.settimeout(PATIENCE)
        return listener, {"NOTIFY_SOCKET": path}


class Arguments(DaemonTest):
    def test_version(self):
        result = run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^clued \d+\.\d+\.\d+\n$")

    def test_help(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn("--check-config", result.stdout)

    def test_mistakes_on_the_command_line(self):
        for arguments in (["--colour"], ["--config"], ["clued.yaml"]):
            result = run(*arguments)
            self.assertEqual(result.returncode, 64, arguments)
            self.assertIn("Usage: clued", result.stderr)

    def test_the_shipped_configuration_is_right(self):
        result = run("--config", str(SHIPPED), "--check-config")
        self.assertEqual((result.returncode, result.stdout), (0, f"{SHIPPED}: ok\n"))

    def test_a_bad_configuration_is_refused_with_the_same_words_by_check_and_start(self):
        self.write("refer:\n  accept_code: 204\nlgo: {}\n")
        for extra in ([], ["--check-config"]):
            result = run("--config", str(self.config), *extra)
            self.assertEqual(result.returncode, 78)
            self.assertEqual(result.stderr.splitlines(), [
                f'{self.config}:2: refer.accept_code: must be one of 200, 202, not "204"',
                f"{self.config}:3: lgo: is not a key that clued knows"])

    def test_a_missing_configuration(self):
        result = run(f"--config={self.folder / 'none.yaml'}")
        self.assertEqual(result.returncode, 78)
        self.assertIn("none.yaml: No such file", result.stderr)


class Start(DaemonTest):
    def test_a_port_in_use(self):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with self.subTest(kind=kind), socket.socket(socket.AF_INET, kind) as other:
                other.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    other.listen()
                port = other.getsockname()[1]
                self.launch(LISTEN % port + JSON % "info")
                self.assertIn(str(port), self.record("daemon.failed")["detail"])
                self.assertEqual(self.status(), 69)

    def test_a_port_of_lite_agents_in_use(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            port = other.getsockname()[1]
            self.launch(LISTEN % 0 + f"channel: {{ice: lite, lite_port: {port}}}\n" + JSON % "info")
            self.assertEqual(
                self.record("daemon.failed")["detail"], f"ICE on 127.0.0.1 port {port}: Address already in use"
            )
            self.assertEqual(self.status(), 69)

    def test_an_address_that_is_not_ours(self):
        for text in ("sip: {listen: [{address: 192.0.2.1, port: 0}]}\n", LISTEN % 0 + "media: {address_v4: 192.0.2.1}\n"):
            with self.subTest(text=text):
                self.launch(text + JSON % "info")
                self.assertIn("192.0.2.1", self.record("daemon.failed")["detail"])
                self.assertEqual(self.status(), 69)

    def test_a_log_file_that_cannot_be_opened(self):
        log = self.config / "no_folder" / "clued.log"
        self.write(LISTEN % 0 + f"log: {{file: {log}}}\n")
        result = run("--config", str(self.config))
        self.assertEqual(result.returncode, 78)
        self.assertIn(str(log), result.stderr)

    def test_ready_is_said_when_the_sockets_are_bound(self):
        listener, environment = self.manager()
        self.launch(environment=environment)
        self.assertEqual(listener.recv(1000), b"READY=1")
        port = self.ready()
        with socket.create_connection(("127.0.0.1", port), PATIENCE):
            pass
        self.assertTrue(answers_options(port))

    def test_all_descriptors_that_the_system_allows(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (128, 512))

        self.launch(preexec_fn=limit)
        self.assertEqual(self.record("daemon.started")["descriptors"], 512)
        limits = pathlib.Path(f"/proc/{self.process.pid}/limits").read_text(encoding="utf-8")
        self.assertRegex(limits, r"Max open files +512 +512")

    def test_text_log(self):
        log = self.folder / "clued.log"
        self.launch(LISTEN % 0 + f"log: {{file: {log}}}\n")
        self.signal_when_logged(log, "daemon.ready")
        self.assertEqual(self.status(), 0)
        lines = log.read_text(encoding="utf-8").splitlines()
        self.assertRegex(lines[0], r"^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d info daemon\.started version=\S+ pid=\d+ ")
        self.assertIn(" info daemon.stopped ", lines[-1])

    def signal_when_logged(self, log, name):
        deadline = time.monotonic() + PATIENCE
        while not (log.exists() and name in log.read_text(encoding="utf-8")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.signal(signal.SIGTERM)


class Signals(DaemonTest):
    def test_term_and_int_end_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                listener, environment = self.manager() if number == signal.SIGTERM else (None, None)
                self.launch(environment=environment)
                self.ready()
                self.signal(number)
                self.assertEqual(self.record("daemon.stopping")["signal"], number.name)
                self.record("daemon.stopped")
                self.assertEqual(self.status(), 0)
                if listener:
                    self.assertEqual([listener.recv(1000) for _ in range(2)], [b"READY=1", b"STOPPING=1"])

    def test_a_stop_ends_the_conference_first(self):
        self.launch()
        with Phone(self.ready()) as phone:
            phone.join()
            self.signal(signal.SIGTERM)
            bye = phone.receive("BYE ")
            phone.answer(bye)
            self.assertEqual(self.record("daemon.stopped")["dialogs"], 0)
        self.assertEqual(self.status(), 0)

    def test_a_second_signal_ends_it_at_once(self):
        self.launch()
        with Phone(self.ready()) as phone:
            phone.join()
            self.signal(signal.SIGTERM)
            phone.receive("BYE ")  # and leave it unanswered
            began = time.monotonic()
            self.signal(signal.SIGTERM)
            self.assertEqual(self.status(), 1)
            self.assertLess(time.monotonic() - began, 2)

    def test_usr1_counts_what_is_alive(self):
        self.launch()
        port = self.ready()
        self.signal(signal.SIGUSR1)
        idle = self.counts()
        for kind in ("conferences", "participants", "dialogs", "subscriptions", "ice_agents", "dtls_sessions",
                     "sctp_associations", "port_pairs"):
            self.assertEqual(idle[kind], 0, kind)
        with Phone(port) as phone:
            phone.join()
            self.signal(signal.SIGUSR1)
            busy = self.counts()
            self.assertEqual((busy["conferences"], busy["participants"], busy["dialogs"], busy["port_pairs"]), (1, 1, 1, 1))
            phone.leave()
            self.record("conference.ended")
            self.signal(signal.SIGUSR1)
            self.assertEqual(self.counts(), idle)

    def counts(self):
        return {key: value for key, value in self.record("state.census").items() if isinstance(value, int)}

    def test_a_peer_that_breaks_its_connection_harms_nobody(self):
        self.launch()
        port = self.ready()
        for _ in range(5):
            peer = socket.create_connection(("127.0.0.1", port), PATIENCE)
            peer.sendall(options(port, "TCP", peer.getsockname()[1]).encode())
            # Linger 0: a RST, so that the answer meets a broken pipe.
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
        self.assertTrue(answers_options(port))
        self.assertIsNone(self.process.poll())


class Reload(DaemonTest):
    def test_a_good_file_changes_the_level(self):
        listener, environment = self.manager()
        self.launch(LISTEN % 0 + JSON % "warning", environment)
        self.assertEqual(listener.recv(1000), b"READY=1")
        self.write(LISTEN % 0 + JSON % "info")
        self.signal(signal.SIGHUP)
        self.assertEqual(self.record("config.reloaded")["level"], "info")
        self.assertRegex(listener.recv(1000), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(listener.recv(1000), b"READY=1")

    def test_a_bad_file_keeps_the_old_one_and_says_why(self):
        self.launch()
        port = self.ready()
        self.write("log: {level: debug}\nrefer: {accept_code: 1}\n")
        self.signal(signal.SIGHUP)
        self.assertEqual(self.record("config.refused")["detail"],
                         f'{self.config}:2: refer.accept_code: must be one of 200, 202, not "1"')
        self.assertTrue(answers_options(port))
        self.signal(signal.SIGTERM)
        self.assertEqual(self.status(), 0)

    def test_the_log_file_is_opened_anew(self):
        log = self.folder / "clued.log"
        listener, environment = self.manager()
        self.launch(LISTEN % 0 + f"log: {{file: {log}, format: json}}\n", environment)
        self.assertEqual(listener.recv(1000), b"READY=1")
        log.rename(self.folder / "clued.log.1")
        self.signal(signal.SIGHUP)
        listener.recv(1000)
        self.assertEqual(listener.recv(1000), b"READY=1")
        deadline = time.monotonic() + PATIENCE
        while not (log.exists() and "config.reloaded" in log.read_text(encoding="utf-8")):
            self.assertLess(time.monotonic(), deadline)
        self.assertIn("daemon.started", (self.folder / "clued.log.1").read_text(encoding="utf-8"))


class Idle(DaemonTest):
    def test_the_watchdog_is_fed_from_the_loop(self):
        listener, environment = self.manager()
        self.launch(environment={**environment, "WATCHDOG_USEC": "400000"})
        said = [listener.recv(1000) for _ in range(4)]
        self.assertEqual(said.count(b"READY=1"), 1)
        self.assertEqual(said.count(b"WATCHDOG=1"), 3)
        self.process.send_signal(signal.SIGSTOP)
        listener.settimeout(1)
        with contextlib.suppress(TimeoutError):
            listener.recv(1000)  # one may have been on its way
        with self.assertRaises(TimeoutError):
            listener.recv(1000)

    def test_a_watchdog_for_another_process_is_not_ours(self):
        listener, environment = self.manager()
        self.launch(environment={**environment, "WATCHDOG_USEC": "10000", "WATCHDOG_PID": "1"})
        self.assertEqual(listener.recv(1000), b"READY=1")
        listener.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            listener.recv(1000)

    def test_no_more_than_two_wake_ups_a_second(self):
        self.launch()
        self.ready()
        time.sleep(1)  # what the start left to do
        before = self.wake_ups()
        time.sleep(4)
        self.assertLessEqual(self.wake_ups() - before, 8)

    def wake_ups(self):
        """Of all threads: usrsctp starts one that never has anything to do."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/status")
        texts = [task.read_text(encoding="utf-8") for task in tasks]
        return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.MULTILINE).group(1)) for text in texts)


def options(port, transport, own_port):
    return (f"OPTIONS sip:factory@127.0.0.1:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/{transport} 127.0.0.1:{own_port};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag=1\r\n"
            f"To: <sip:factory@127.0.0.1:{port}>\r\nCall-ID: {os.urandom(6).hex()}\r\nCSeq: 1 OPTIONS\r\n"
            "Content-Length: 0\r\n\r\n")


def answers_options(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(PATIENCE)
        probe.sendto(options(port, "UDP", probe.getsockname()[1]).encode(), ("127.0.0.1", port))
        return probe.recv(65536).startswith(b"SIP/2.0 200 ")


class Phone:
    """Just enough of an audio telephone over UDP to be in a conference."""

    def __init__(self, port):
        self.peer = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.own = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.call_id = os.urandom(8).hex()
        self.target = "sip:factory@127.0.0.1:%d" % port
        self.to = f"<{self.target}>"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method, number, body=""):
        text = (f"{method} {self.target} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self.own};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
                "Max-Forwards: 70\r\nFrom: <sip:phone@127.0.0.1>;tag=7\r\n"
                f"To: {self.to}\r\nCall-ID: {self.call_id}\r\nCSeq: {number} {method}\r\n"
                f"Contact: <sip:phone@{self.own}>\r\n" + ("Content-Type: application/sdp\r\n" if body else "") +
                f"Content-Length: {len(body)}\r\n\r\n{body}")
        self.socket.sendto(text.encode(), self.peer)

    def receive(self, start):
        """The next message that begins so; others are passed over."""
        while True:
            text = self.socket.recv(65536).decode()
            if text.startswith(start):
                return text

    def join(self):
        self.send("INVITE", 1, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                               "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")
        answer = self.receive("SIP/2.0 200 ")
        self.to = re.search(r"^To: *(.+?)\r$", answer, re.MULTILINE | re.IGNORECASE).group(1)
        self.target = re.search(r"^Contact: *<([^>]+)>", answer, re.MULTILINE | re.IGNORECASE).group(1)
        self.send("ACK", 1)

    def leave(self):
        self.send("BYE", 2)
        self.receive("SIP/2.0 200 ")

    def answer(self, request):
        kept = [line for line in request.split("\r\n") if re.match(r"(?i)(via|from|to|call-id|cseq):", line)]
        self.socket.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), self.peer)


if __name__ == "__main__":
    unittest.main()
