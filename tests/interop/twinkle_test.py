"""Twinkle in a conference."""

from twinkle import Twinkle
from phone_cases import PhoneCases


class TwinkleInConference(PhoneCases):
    phone_class = Twinkle


del PhoneCases  # or unittest would run it, too
