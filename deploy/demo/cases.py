"""The invented cases, as `cases.yaml` tells them."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from shared.municipality import Municipality

CASES = Path(__file__).with_name("cases.yaml")


class Course(StrEnum):
    """How a case goes; `plan.py` says when."""

    KEPT = "kept"
    LATE = "late"
    INTERIM = "interim"
    """An interim answer in time, and the final one after the promised day."""
    HANDED_OVER = "handed_over"
    THANKED = "thanked"
    CLOSED = "closed"
    OVERDUE = "overdue"
    WAITING = "waiting"
    """An interim answer, and no final one yet."""
    DUE_SOON = "due_soon"
    NEW = "new"
    PRAISE_NEW = "praise_new"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a resident writes, and what becomes of it. `place` is where it is, by its name."""

    number: int
    kind: str
    course: Course
    text: str
    place: str
    topic: str | None = None
    area: str | None = None
    language: str = "nb"
    reply: bool = False
    adds: str | None = None
    interim: str | None = None
    answer: str | None = None
    right_topic: str | None = None
    reason: str | None = None
    helped: bool | None = None
    comment: str = ""

    @property
    def email(self) -> str:
        """Where the invented resident's mail goes."""
        return f"prove{self.number}@innbygger.example"

    @property
    def name(self) -> str:
        """Nobody's name."""
        return f"{NAMES[self.number % len(NAMES)]} Prøve"

    def as_submission(self) -> dict[str, Any]:
        """The body for the public API."""
        body: dict[str, Any] = {
            "kind": self.kind,
            "text": self.text,
            "topic": self.topic,
            "area": self.area,
            "reply_wanted": self.reply,
            "language": self.language,
        }
        if self.reply:
            body["contact"] = {"name": self.name, "email": self.email}
        return body


NAMES = (
    "Kari",
    "Ola",
    "Aisha",
    "Lars",
    "Ingrid",
    "Marek",
    "Solveig",
    "Thomas",
    "Nora",
    "Yusuf",
    "Berit",
    "Jonas",
)


def read(municipality: Municipality) -> list[Case]:
    """The cases, in the places of a municipality; a topic it does not have becomes "vet ikke"."""
    told = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return [_case(number, fields, municipality) for number, fields in enumerate(told)]


def _case(number: int, fields: dict[str, Any], municipality: Municipality) -> Case:
    areas = list(municipality.areas.values())
    # Seven is no divisor of how many areas there are, so every area has its share.
    area = areas[number * 7 % len(areas)] if areas else None
    place = area.name if area else municipality.look.address.place
    placed: dict[str, Any] = {
        name: value.replace("{place}", place) if isinstance(value, str) else value
        for name, value in fields.items()
    }
    topic = placed.pop("topic", None)
    return Case(
        **{**placed, "course": Course(placed["course"])},
        number=number,
        place=place,
        area=area.id if area else None,
        topic=topic if topic in municipality.topics else None,
    )
