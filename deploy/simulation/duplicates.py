"""A year of lives in which some are merged: the same matter, written about while another was being worked on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from deploy.simulation.lives import Act, Deed, Life, apart
from shared.clock import oslo_day
from shared.events import Kind
from shared.municipality import Municipality

DUPLICATES = 0.12
"""How many of those that come while another about the same is being worked on are the same matter."""
_LEADING = frozenset({Act.OPEN, Act.INTERIM, Act.EXTEND, Act.ANSWER, Act.FEEDBACK})


def lives(municipality: Municipality, year: int, residents: int, seed: int) -> list[Life]:
    """A year of them, in the order in which they came."""
    found = apart(municipality, year, residents, seed)
    return _merged(found, Random(f"{seed}/{year}/duplicates"))  # noqa: S311 - invented


def _merged(found: Sequence[Life], random: Random) -> list[Life]:
    """The same lives, some of them merged into one about the same that was being worked on when they came."""
    leading: dict[tuple[str | None, str | None, Kind], Life] = {}
    told = dict[int, Life]()
    for life in sorted(found, key=lambda life: life.received_at):
        about = (life.topic, life.area, life.kind)
        first = leading.get(about)
        answered = _leads(first, life) if first else None
        if first and answered and random.random() < DUPLICATES:
            opened = life.deeds[0]
            merging = Deed(opened.at + timedelta(minutes=15), Act.MERGE, into=first)
            deeds = (opened, merging, Deed(answered, Act.ANSWER))
            told[life.number] = replace(life, deeds=deeds, process=None, outcome=None)
            continue
        told[life.number] = life
        if life.topic and life.reply_wanted and {deed.act for deed in life.deeds} <= _LEADING:
            leading[about] = life
    return [told[life.number] for life in found]


def _leads(first: Life, life: Life) -> datetime | None:
    """When the first is answered, where that is so late that the other may be merged into it."""
    if [deed.act for deed in life.deeds[:2]] != [Act.OPEN, Act.ANSWER] or len(first.deeds) < 2:  # noqa: PLR2004
        return None
    answered = next((deed.at for deed in first.deeds if deed.act is Act.ANSWER), None)
    in_hand = oslo_day(life.deeds[0].at)
    return answered if answered and oslo_day(first.deeds[0].at) <= in_hand < oslo_day(answered) else None
