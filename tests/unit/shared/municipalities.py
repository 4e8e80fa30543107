"""The municipalities the tests of configuration folders work with; Lillevik is small, and free of faults."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from shared import municipality
from shared.municipality import Municipality

ASKER = municipality.load("asker")

SORUM = municipality.load("sorum")

BOTH = [pytest.param(ASKER, id="asker"), pytest.param(SORUM, id="sorum")]

MONDAY = date(2026, 12, 7)

ORGANISATION = """\
id: lillevik
director: siri-vik
front_desk: torget
areas:
  - {id: nord, name: Nord}
  - {id: sor, name: Sør}
sections:
  - id: teknisk
    name: Teknisk
    leader: per-moen
units:
  - id: torget
    name: Torget
    section: teknisk
    leader: per-moen
  - id: vei
    name: Vei
    section: teknisk
    leader: per-moen
  - id: vei-sor
    name: Vei sør
    section: teknisk
    leader: per-moen
    part_of: vei
    areas: [sor]
people:
  - {id: siri-vik, name: Siri Vik, email: siri@lillevik.example, roles: [director]}
  - {id: per-moen, name: Per Moen, email: per@lillevik.example, roles: [leader]}
  - {id: eva-lie, name: Eva Lie, email: eva@lillevik.example, roles: [caseworker, front_desk], unit: torget}
  - id: omar-nasser
    name: Omar Nasser
    email: omar@lillevik.example
    roles: [caseworker]
    unit: vei
    substitute: ida-berg
    absences:
      - {from: 2026-12-07, to: 2026-12-11}
  - id: ida-berg
    name: Ida Berg
    email: ida@lillevik.example
    roles: [caseworker]
    unit: vei
    substitute: liv-dahl
    absences:
      - {from: 2026-12-11, to: 2026-12-13}
  - {id: liv-dahl, name: Liv Dahl, email: liv@lillevik.example, roles: [caseworker], unit: vei-sor}
"""
TOPICS = """\
topics:
  - id: vei
    names: {nb: Vei, nn: Veg, en: Roads}
    description: {nb: Brøyting og hull, nn: Brøyting og hol, en: Snow and potholes}
    keywords:
      nb: [snøbrøyting, hull i veien]
      nn: [snøbrøyting, hol i vegen]
    kostra: [332]
    owner: vei
    owners:
      sor: vei-sor
"""
PROMISES = """\
promises:
  - id: garanti
    rule: P1W
    words: {nb: Svar innen én uke, nn: Svar innan ei veke, en: An answer within a week}
    review_by: 2027-06-30
  - id: vei
    match: {topic: vei}
    rule: P3WD
    words: {nb: Svar innen tre dager, nn: Svar innan tre dagar, en: An answer within three days}
    from: 2026-01-01
    to: 2026-12-31
reminders:
  office_hours: {from: 08:00, to: 15:30}
  ladder:
    - {id: soon, before: 2, to: [caseworker]}
    - {id: broken, after: 0, to: [caseworker, unit_leader]}
calendar:
  christmas_eve_closed: true
  closed_days:
    2026-05-15: Inneklemt fredag
"""
LOOK = """\
name: Lillevik kommune
short_name: Lillevik
website: https://www.lillevik.example
email: post@lillevik.example
phone: 00 00 00 00
address: {street: Strandveien 1, postcode: 0001, place: Lillevik}
colours:
  primary: "#0b5563"
  accent: "#e0a526"
logo: logo.svg
appeals:
  words: {nb: Klag her, nn: Klag her, en: Appeal here}
languages: [nb, nn, en]
"""

Write = Callable[..., Path]


def faults(folder: Path) -> list[str]:
    """What `svarfrist check` would print."""
    return [str(fault) for fault in municipality.check(folder)]


def topics_and_areas() -> Iterator[tuple[Municipality, str, str | None]]:
    """Every topic in every area, and without one, of both municipalities."""
    for loaded in (ASKER, SORUM):
        for topic in loaded.topics:
            for area in (None, *loaded.areas):
                yield loaded, topic, area
