"""An operator's evening: what a reload applies and what it says of the rest, a log that nobody reads, signals that nobody
planned, and floods that do not fill the disk."""

import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time
import unittest

from daemon_test import JSON, LISTEN, PATIENCE, PROGRAM, DaemonTest, Phone, answers_options

HELD = (signal.SIGUSR2, signal.SIGQUIT, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR,
        signal.SIGXCPU, signal.SIGRTMIN + 3)
HARMLESS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGWINCH, signal.SIGURG, signal.SIGCHLD)


def invite(port, user, own_port, number):
    return (f"INVITE sip:{user}@127.0.0.1:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{own_port};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:stranger@127.0.0.1>;tag=1\r\nTo: <sip:{user}@127.0.0.1>\r\n"
            f"Call-ID: flood-{number}\r\nCSeq: 1 INVITE\r\nContact: <sip:stranger@127.0.0.1:{own_port}>\r\n"
            "Content-Length: 0\r\n\r\n").encode()


class Stranger:
    """Sends INVITEs and hears what they are answered."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.own_port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, user, number):
        self.socket.sendto(invite(self.port, user, self.own_port, number), ("127.0.0.1", self.port))
        while True:
            answer = self.socket.recv(65536)  # or one to a call before, which is repeated as nobody acknowledges it
            status = int(answer.split(b" ", 2)[1])
            if status > 100 and f"flood-{number}\r\n".encode() in answer:
                return status


class Reload(DaemonTest):
    def reload(self, text):
        self.write(text)
        self.signal(signal.SIGHUP)
        self.record("config.reloaded")

    def waiting(self):
        """The keys that were said to wait, up to the answer to USR1."""
        before = len(self.records)
        self.signal(signal.SIGUSR1)
        self.record("state.counters")
        return [one["key"] for one in self.records[before:] if one["record"] == "config.needs_restart"]

    def test_what_waits_for_a_restart_is_named_and_nothing_else(self):
        self.launch()
        port = self.ready()
        self.reload(LISTEN % 5070 + JSON % "info" + "media: {min_port: 20000, max_port: 20100}\nrefer: {accept_code: 202}\n")
        self.assertEqual(self.waiting(), ["media.max_port", "media.min_port", "sip.listen"])
        self.assertTrue(answers_options(port), "the old socket goes on")
        self.reload(LISTEN % 0 + JSON % "info" + "refer: {accept_code: 202}\n")
        self.assertEqual(self.waiting(), [])

    def test_authentication_that_was_not_there_before(self):
        self.launch()
        port = self.ready()
        auth = 'auth: {require: untrusted, users: [{name: a, password: b, identity: "sip:a@example.com"}]}\n'
        with Stranger(port) as stranger:
            self.assertEqual(stranger.call("conf-none", 1), 404)
            self.reload(LISTEN % 0 + JSON % "info" + auth)
            self.assertEqual(stranger.call("conf-none", 2), 401)
            self.reload(LISTEN % 0 + JSON % "info" + "conference: {create: nobody}\n")
            self.assertEqual(stranger.call("factory", 3), 403)

    def test_a_file_of_two_documents_changes_nothing(self):
        self.launch()
        port = self.ready()
        self.write(LISTEN % 0 + JSON % "info" + "---\nconference: {create: nobody}\n")
        self.signal(signal.SIGHUP)
        self.assertIn("more than one YAML document", self.record("config.refused")["detail"])
        self.assertTrue(answers_options(port))


class OddFiles(DaemonTest):
    """Nothing that a file name leads to makes the daemon wait."""

    def encrypted(self):
        for arguments in (["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "chain.pem",
                           "-subj", "/CN=clued"],
                          ["rsa", "-aes128", "-passout", "pass:secret", "-in", "key.pem", "-out", "encrypted.pem"]):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
        return (f"sip: {{listen: [{{address: 127.0.0.1, port: 0, tls: true, tls_port: 0}}]}}\n"
                f"tls: {{certificates: [{{chain: {self.folder}/chain.pem, key: {self.folder}/%s.pem}}]}}\n")

    def refused(self, port, reason):
        self.signal(signal.SIGHUP)
        self.assertIn(reason, self.record("config.refused")["detail"])
        self.assertTrue(answers_options(port))

    def test_an_encrypted_key_is_refused_and_nobody_is_asked(self):
        text = self.encrypted() + JSON % "info"
        # Whoever asked on standard input would wait for ever.
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        self.addCleanup(os.close, reader)
        self.launch(text % "key", stdin=reader)
        port = self.ready()
        self.write(text % "encrypted")
        self.refused(port, "the key is encrypted")
        checked = subprocess.run([PROGRAM, "--config", str(self.config), "--check-config"], stdin=reader,
                                 capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(checked.returncode, 78)
        self.assertIn(f"{self.config}:2: tls.certificates[0].key: {self.folder}/encrypted.pem: the key is encrypted",
                      checked.stderr)
        self.assertNotIn("pass phrase", checked.stderr)
        self.signal(signal.SIGTERM)
        self.assertEqual(self.status(), 0)

    def test_a_fifo_is_refused_wherever_it_is(self):
        self.launch()
        port = self.ready()
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.write(LISTEN % 0 + f"auth: {{users_file: {fifo}}}\n")
        self.refused(port, f"{self.config}:2: auth.users_file: {fifo}: not a regular file")
        self.config.unlink()
        os.mkfifo(self.config)
        self.refused(port, f"{self.config}: not a regular file")
        self.signal(signal.SIGTERM)
        self.assertEqual(self.status(), 0)


class UnreadLog(DaemonTest):
    # Everybody is asked for a password, and each time is a line at debug, which nothing sums up.
    debugged = LISTEN % 0 + JSON % "debug" + "auth: {require: untrusted}\n"

    def fill(self, port, calls=4000):
        """More than a pipe and what may wait hold: 4000 lines of some 600 bytes."""
        with Stranger(port) as stranger:
            for number in range(calls):
                self.assertEqual(stranger.call("factory", f"{number:0450}"), 401)

    def test_standard_error_that_nobody_reads_holds_up_nothing(self):
        self.launch(self.debugged)
        port = self.ready()
        self.fill(port)
        self.assertTrue(answers_options(port))
        if "CLUED_SANITIZED" not in os.environ:
            memory = re.search(r"VmRSS:\s+(\d+) kB", self.status_file()).group(1)
            self.assertLess(int(memory), 300_000)
        # Somebody reads again: what was lost is told, and the log goes on.
        self.assertGreater(self.record("log.lost", 30)["count"], 100)
        self.signal(signal.SIGTERM)
        self.record("daemon.stopped")
        self.assertEqual(self.status(), 0)

    def status_file(self):
        return pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")

    def test_a_daemon_that_nobody_hears_still_ends(self):
        self.launch(self.debugged)
        self.fill(self.ready(), 300)
        self.signal(signal.SIGTERM)
        self.assertEqual(self.status(), 0)

    def test_a_full_disk_holds_up_nothing(self):
        self.write(LISTEN % 0 + "log: {file: /dev/full, level: trace}\n")
        listener, environment = self.manager()
        process = subprocess.Popen([PROGRAM, "--config", str(self.config)], env={**os.environ, **environment})
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(listener.recv(1000), b"READY=1")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)


class Descriptors(DaemonTest):
    def test_closed_ones_are_never_those_of_a_socket(self):
        listener, environment = self.manager()

        def close_all():
            for number in range(3):
                os.close(number)

        self.write(LISTEN % 0 + JSON % "trace")
        process = subprocess.Popen([PROGRAM, "--config", str(self.config)], env={**os.environ, **environment},
                                   preexec_fn=close_all, close_fds=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(listener.recv(1000), b"READY=1")
        self.assertEqual([os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)], ["/dev/null"] * 3)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)


class Signals(DaemonTest):
    def test_those_that_nobody_uses_end_nothing(self):
        self.launch()
        port = self.ready()
        for number in HARMLESS:
            self.signal(number)
        for number in HELD:
            self.signal(number)
            record = self.record("signal.ignored")
            self.assertEqual(record["sender"], os.getpid())
            if number < signal.SIGRTMIN:
                self.assertEqual(record["signal"], "SIGPOLL" if number == signal.SIGIO else signal.Signals(number).name)
        self.assertTrue(answers_options(port))
        self.signal(signal.SIGTERM)
        self.assertEqual(self.status(), 0)

    def test_those_that_come_while_it_starts_wait(self):
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
            with self.subTest(number=number):
                self.launch()
                self.wait_until_held(number)
                self.signal(number)
                self.ready()
                self.record({signal.SIGHUP: "config.reloaded", signal.SIGUSR1: "state.census",
                             signal.SIGTERM: "daemon.stopped"}[number])

    def wait_until_held(self, number):
        """Until the daemon's own first instruction; before that the kernel still loads it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
            if int(re.search(r"^SigBlk:\s+(\w+)", text, re.MULTILINE).group(1), 16) >> (number - 1) & 1:
                return
            self.assertLess(time.monotonic(), deadline)

    def test_no_thread_takes_them(self):
        self.launch()
        self.ready()
        wanted = sum(1 << (number - 1) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1))
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            held = int(re.search(r"^SigBlk:\s+(\w+)", task.read_text(encoding="utf-8"), re.MULTILINE).group(1), 16)
            self.assertEqual(held & wanted, wanted, task)

    def test_a_crash_keeps_its_last_words(self):
        self.launch(UnreadLog.debugged)
        with Stranger(self.ready()) as stranger:
            for number in range(20):
                self.assertEqual(stranger.call("factory", number), 401)
        self.signal(signal.SIGABRT)
        self.assertEqual(self.status(), -signal.SIGABRT)
        rest = self.buffer
        while data := os.read(self.process.stderr.fileno(), 65536):
            rest += data
        self.assertIn(b"flood-19", rest)

    def test_a_participant_who_never_answers_its_bye(self):
        self.launch(LISTEN % 0 + JSON % "info" + "session: {end_wait: 300ms}\n")
        with Phone(self.ready()) as phone:
            phone.join()
            self.signal(signal.SIGTERM)
            phone.receive("BYE ")
            self.assertEqual(self.record("shutdown.finished")["unanswered"], 1)
            self.assertEqual(self.status(), 0)


class Journal(DaemonTest):
    def start(self, stream_of, text):
        """Standard error is a pipe; JOURNAL_STREAM names the descriptor `stream_of`, or this pipe."""
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        named = os.fstat(writer if stream_of is None else stream_of)
        self.write(text)
        process = subprocess.Popen([PROGRAM, "--config", str(self.config)], stderr=writer,
                                   env={**os.environ, "JOURNAL_STREAM": f"{named.st_dev}:{named.st_ino}"})
        os.close(writer)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        text = b""
        while b"daemon.ready" not in text or not text.endswith(b"\n"):
            self.assertTrue(select.select([reader], [], [], PATIENCE)[0])
            text += os.read(reader, 65536)
        return text.decode().splitlines()

    def test_lines_have_a_priority_and_no_time(self):
        lines = self.start(None, LISTEN % 0 + "log: {level: debug}\n")
        self.assertRegex(lines[0], r"^<6>info daemon\.started version=")
        lines = self.start(None, LISTEN % 0 + "log: {format: json}\n")
        self.assertRegex(lines[0], r'^<6>\{"level":"info","record":"daemon\.started",')

    def test_where_the_journal_reads_something_else_nothing_changes(self):
        lines = self.start(0, LISTEN % 0)
        self.assertRegex(lines[0], r"^\d{4}-\d\d-\d\dT\S+ info daemon\.started ")


class Contacts(DaemonTest):
    def test_are_the_same_in_all_that_a_dialog_answers(self):
        self.launch(LISTEN % 0 + JSON % "info")
        with Phone(self.ready()) as phone:
            phone.join()
            contacts = [self.answer(phone, 2, "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\n"),
                        self.answer(phone, 3, "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\n"),
                        self.answer(phone, 4, "REFER", f"Refer-To: <sip:phone@{phone.own};method=BYE>\r\n")]
            self.assertEqual(contacts, [f"<{phone.target}>;isfocus"] * 3, "a telephone's has no +sip.clue")

    def answer(self, phone, number, method, headers):
        """The Contact in the 200 to this request within the dialog."""
        text = (f"{method} {phone.target} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {phone.own};branch=z9hG4bK{os.urandom(6).hex()}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:phone@127.0.0.1>;tag=7\r\nTo: {phone.to}\r\nCall-ID: {phone.call_id}\r\n"
                f"CSeq: {number} {method}\r\nContact: <sip:phone@{phone.own}>\r\n{headers}Content-Length: 0\r\n\r\n")
        phone.socket.sendto(text.encode(), phone.peer)
        while True:
            answer = phone.receive("SIP/2.0 200 ")
            if f"{number} {method}" in answer:
                return re.search(r"^Contact: *(.+?)\r$", answer, re.MULTILINE | re.IGNORECASE).group(1)


class Floods(DaemonTest):
    def test_a_thousand_refusals_are_a_few_lines_and_a_number(self):
        self.launch(LISTEN % 0 + JSON % "info")
        port = self.ready()
        with Stranger(port) as stranger:
            for number in range(1000):
                self.assertEqual(stranger.call("conf-none", number), 404)
        told = 0
        while told < 1000:
            summed = self.record("log.summed_up")
            self.assertEqual(summed["kind"], "invite.refused")
            lines = [one for one in self.records if one["record"] == "invite.refused"]
            sums = [one["count"] for one in self.records if one["record"] == "log.summed_up"]
            told = len(lines) + sum(sums)
            self.assertLessEqual(len(lines), 20 * (len(sums) + 1))
        self.assertEqual(told, 1000)


if __name__ == "__main__":
    unittest.main()
