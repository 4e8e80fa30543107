"""The form of an improvement: what was typed, and what is wrong with it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.metrics.improvements.store import ImprovementVersion
from services.metrics.typed import as_day
from shared.municipality import Municipality
from shared.personal_data import mentions_contact, mentions_identity_number
from shared.web.i18n import Message

MOST_OF_A_TITLE = 120
MOST_OF_A_TEXT = 2000
_MOST_CASES = 100_000


@dataclass
class ImprovementForm:
    """What was typed, the content it means, and its faults by field."""

    typed: Mapping[str, str]
    content: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Message] = field(default_factory=dict)


def read(
    form: Mapping[str, Any], municipality: Municipality, units: Collection[str], today: date
) -> ImprovementForm:
    """Reads the form; `units` are those the person may write for."""
    typed = {name: str(value).strip() for name, value in form.items()}
    read_form = ImprovementForm(typed)
    faults, content = read_form.faults, read_form.content
    for name, most in (("title", MOST_OF_A_TITLE), ("said", MOST_OF_A_TEXT), ("changed", MOST_OF_A_TEXT)):
        words = typed.get(name, "")
        content[name] = words
        if not 0 < len(words) <= most:
            faults[name] = Message(f"improvement.error.{name}", {"most": most})
        elif mentions_identity_number(words) or mentions_contact(words):
            faults[name] = Message("improvement.error.personal")
    unit = typed.get("unit", "")
    if unit in units:
        content |= {"unit": unit, "section": municipality.section_of(unit).id}
    else:
        faults["unit"] = Message("improvement.error.unit")
    topic = typed.get("topic", "")
    if topic and topic not in municipality.topics:
        faults["topic"] = Message("improvement.error.topic")
    content["topic"] = topic or None
    cases = typed.get("cases", "").replace(" ", "")
    if cases and (not re.fullmatch(r"[0-9]{1,6}", cases) or int(cases) > _MOST_CASES):
        faults["cases"] = Message("improvement.error.cases")
    content["cases"] = int(cases) if cases and "cases" not in faults else None
    _days(read_form, today)
    content |= {"published": bool(typed.get("published")), "withdrawn": False}
    return read_form


def shown(version: ImprovementVersion) -> dict[str, str]:
    """A saved version as the form shows it."""
    return {
        "title": version.title,
        "said": version.said,
        "changed": version.changed,
        "unit": version.unit,
        "topic": version.topic or "",
        "cases": "" if version.cases is None else str(version.cases),
        "decided_on": version.decided_on.isoformat(),
        "closed_on": version.closed_on.isoformat() if version.closed_on else "",
        "published": "yes" if version.published else "",
    }


def _days(form: ImprovementForm, today: date) -> None:
    decided, closed = as_day(form.typed.get("decided_on")), as_day(form.typed.get("closed_on"))
    if decided is None or decided > today:
        form.faults["decided_on"] = Message("improvement.error.decided_on")
    if form.typed.get("closed_on"):
        if closed is None or closed > today:
            form.faults["closed_on"] = Message("improvement.error.closed_on")
        elif decided and closed < decided:
            form.faults["closed_on"] = Message("improvement.error.closed_first")
    form.content |= {"decided_on": decided, "closed_on": closed}
