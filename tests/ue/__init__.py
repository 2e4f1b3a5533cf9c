"""A telepresence endpoint for tests and the demo: SIP, ICE/DTLS/SCTP by aiortc, and the CLUE protocol.

It shares no code with the daemon, so that what both agree on is what the RFCs say and not what one of them assumes.
"""
