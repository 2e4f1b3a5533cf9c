"""The checks that the system tests put their trust in: does each find the fault that it is for?"""

from __future__ import annotations

import unittest
import xml.etree.ElementTree as ET

from .. import captures, clue_checks, sdp, sip_message
from ..clue import ClueBehaviour, ClueSession
from ..clue_messages import CLUE, child, encode, message
from ..events import EventLog, Recorder


def advertisement(room: str = "three-cameras", sequence: int = 7) -> str:
    root = message("advertisement", "test", sequence)
    captures.fill_advertisement(root, captures.load(room))
    return encode(root)


class AdvertisementChecks(unittest.TestCase):
    def faults(self, old: str, new: str):
        text = advertisement()
        self.assertIn(old, text)
        return clue_checks.message_faults(text.replace(old, new, 1))

    def test_the_rooms_are_without_fault(self) -> None:
        for room in ("three-cameras", "two-cameras", "laptop"):
            self.assertEqual(clue_checks.message_faults(advertisement(room)), [])
            if clue_checks.schema_available():
                self.assertEqual(clue_checks.schema_faults([advertisement(room)]), [])

    def test_finds_what_the_schema_cannot(self) -> None:
        cases = [
            ("<d:captureSceneIDREF>CS1<", "<d:captureSceneIDREF>CS9<", "unknown scene"),
            ("<d:encGroupIDREF>EG-video<", "<d:encGroupIDREF>EG-x<", "unknown encoding group"),
            ("<d:content><d:mediaCaptureIDREF>VC0<", "<d:content><d:mediaCaptureIDREF>VC9<", "unknown content"),
            ("<d:content><d:mediaCaptureIDREF>VC0<", "<d:content><d:mediaCaptureIDREF>AC0<", "another media type"),
            ("<d:mediaCaptureIDs><d:mediaCaptureIDREF>VC0<", "<d:mediaCaptureIDs><d:mediaCaptureIDREF>AC0<", "mixes"),
            ('captureID="VC1"', 'captureID="VC0"', "used twice"),
            ('captureID="VC1"', 'captureID="p1@x"', "NCName"),
            ("<d:encodingID>enc3</d:encodingID>", "", "DM-07"),
            ("<d:encodingID>enc3<", "<d:encodingID>enc1<", "twice in one"),
            ("<d:personIDREF>person1<", "<d:personIDREF>nobody<", "unknown person"),
            ('xsi:type="d:audioCaptureType"', 'xsi:type="d:videoCaptureType"', "of type"),
            ('v="1.0"', 'v="2.0"', "v="),
        ]
        for old, new, expected in cases:
            with self.subTest(new):
                self.assertIn(expected, " ".join(self.faults(old, new)))

    def test_schema_finds_what_it_is_for(self) -> None:
        if not clue_checks.schema_available():
            self.skipTest("the RFCs' schemas are not here")
        broken = advertisement().replace("<d:individual>", "<d:individuel>").replace("</d:individual>", "</d:individuel>")
        self.assertTrue(clue_checks.schema_faults([advertisement(), broken]))

    def test_configure(self) -> None:
        offered = captures.load("two-cameras").encoding_of_capture()
        good = [("ce0", "VC0", "enc1"), ("ce1", "VC1", "enc2"), ("ce2", "AC0", "enc3")]
        self.assertEqual(clue_checks.configure_faults(good, offered), [])
        for bad in (("ce", "VC9", "enc1"), ("ce", "VC0", "enc3"), ("ce", "VC0", "f-v1")):
            self.assertTrue(clue_checks.configure_faults([bad], offered), bad)
        self.assertTrue(clue_checks.configure_faults([good[0], ("ce", "VC1", "enc1")], offered))
        self.assertTrue(clue_checks.configure_faults([good[0], ("ce", "VC0", "enc2")], offered))


class Sequences(unittest.TestCase):
    def setUp(self) -> None:
        self.log = EventLog()
        self.sent = []
        room = captures.load("two-cameras")
        self.session = ClueSession(Recorder(self.log, "ue"), room, self.sent.append, dict, ClueBehaviour())
        self.session.open(initiator=False)

    def violations(self):
        return [event["text"] for event in self.log.events if event["event"] == "violation"]

    def options(self, sequence: int) -> str:
        root = message("options", "peer", sequence)
        child(root, CLUE, "mediaProvider", text="true")
        child(root, CLUE, "mediaConsumer", text="true")
        return encode(root)

    def test_the_streams_are_counted_apart(self) -> None:
        self.session.receive(self.options(5))
        self.session.receive(advertisement(sequence=100))
        self.session.receive(advertisement(sequence=101))
        self.assertEqual(self.violations(), [])
        self.session.receive(advertisement(sequence=103))
        self.assertIn("103 after 101", self.violations()[0])

    def test_own_streams_count_up_by_one(self) -> None:
        self.session.receive(self.options(5))
        for sequence in (100, 101):
            self.session.receive(advertisement(sequence=sequence))
        numbers = {}
        for text in self.sent:
            root = ET.fromstring(text)
            name = root.tag.rpartition("}")[2]
            numbers.setdefault(name, []).append(int(root.findtext(f"{{{CLUE}}}sequenceNr")))
        self.assertEqual(numbers["ack"][1], numbers["ack"][0] + 1)
        self.assertEqual(set(numbers), {"optionsResponse", "advertisement", "ack"})

    def test_garbage_is_a_violation(self) -> None:
        self.session.receive("<no xml")
        self.assertEqual(len(self.violations()), 1)


class Texts(unittest.TestCase):
    def test_sip_message(self) -> None:
        message_text = (
            b"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b\r\nf: <sip:a@b;x=1>;tag=t\r\n"
            b"To: \"A, B\" <sip:c@d>;tag=\"u\"\r\ni: 1@x\r\nCSeq: 7 INVITE\r\nRequire: 100rel,\r\n timer\r\nl: 2\r\n\r\nhixx"
        )
        parsed = sip_message.parse(message_text)
        self.assertEqual((parsed.status, parsed.cseq, parsed.branch), (200, (7, "INVITE"), "z9hG4bK1"))
        self.assertEqual((parsed.from_tag, parsed.to_tag, parsed.body), ("t", "u", "hi"))
        self.assertTrue(parsed.requires("timer") and parsed.requires("100rel"))
        with self.assertRaises(sip_message.BadMessage):
            sip_message.parse(b"GET / HTTP/1.1\r\n")

    def test_uri(self) -> None:
        self.assertEqual(sip_message.uri_parts("sip:a@[::1]:5070;transport=tcp?x=y"), ("a", "::1", 5070, {"transport": "tcp"}))
        self.assertEqual(sip_message.uri_parts("sip:host"), ("", "host", 0, {}))

    def test_answer_keeps_slots_and_payload_types(self) -> None:
        offer = sdp.parse(
            "v=0\r\no=f 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=group:CLUE 1 2 3\r\n"
            "m=audio 0 RTP/AVPF 0\r\na=mid:0\r\n"
            "m=video 4000 RTP/AVPF 120\r\na=rtpmap:120 H264/90000\r\na=sendonly\r\na=mid:1\r\na=label:f-v1\r\n"
            "m=video 4002 RTP/AVPF 120\r\na=rtpmap:120 H264/90000\r\na=recvonly\r\na=mid:2\r\n"
            "m=video 4004 RTP/AVPF 120\r\na=rtpmap:120 H264/90000\r\na=recvonly\r\na=mid:3\r\n"
        )
        side = sdp.OfferAnswer("127.0.0.1", "ue", {"video": ["enc1"], "audio": []})
        self.addCleanup(side.close)
        answer = sdp.parse(side.answer(offer, None).encode())
        self.assertEqual([line.port != 0 for line in answer.media], [False, True, True, True])
        self.assertEqual([line.direction for line in answer.media[1:]], ["recvonly", "sendonly", "inactive"])
        self.assertEqual(answer.media[2].label, "enc1")
        self.assertEqual(answer.media[1].formats, ["120"])
        self.assertEqual(answer.group("CLUE"), ["1", "2", "3"])
        self.assertEqual(side.remote_labels(), {"f-v1": "video"})


if __name__ == "__main__":
    unittest.main()
