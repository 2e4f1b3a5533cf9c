"""Baresip in a conference."""

from baresip import Baresip
from phone_cases import PhoneCases


class BaresipInConference(PhoneCases):
    phone_class = Baresip


del PhoneCases  # or unittest would run it, too
