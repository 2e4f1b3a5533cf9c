"""Linphone in a conference."""

from linphone import Linphone
from phone_cases import PhoneCases


class LinphoneInConference(PhoneCases):
    phone_class = Linphone


del PhoneCases  # or unittest would run it, too
