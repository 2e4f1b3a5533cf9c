"""Baresip in a conference."""

from baresip import Baresip
from phone_cases import CalledPhoneCases, PhoneCases


class BaresipInConference(CalledPhoneCases):
    phone_class = Baresip


del CalledPhoneCases, PhoneCases  # or unittest would run them, too
