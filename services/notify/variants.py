"""Which of a message's texts fits what is known, and of which paragraphs it is made."""

from collections.abc import Mapping

from services.notify.matters import Matter
from services.notify.messages import MessageKind
from shared.municipality import Recipient

LEADERS = (Recipient.UNIT_LEADER, Recipient.SECTION_LEADER, Recipient.DIRECTOR)

PARAGRAPHS: Mapping[tuple[MessageKind, str], tuple[str, ...]] = {
    (MessageKind.RECEIPT, "promised"): ("promised", "next", "private"),
    (MessageKind.RECEIPT, "wanted"): ("wanted", "next", "private"),
    (MessageKind.RECEIPT, ""): ("thanks", "private"),
    (MessageKind.INTERIM_ANSWER, "expected"): ("lead", "expected", "private"),
    (MessageKind.INTERIM_ANSWER, ""): ("lead", "private"),
    (MessageKind.ANSWER, ""): ("lead", "private"),
    (MessageKind.ANSWER, "again"): ("again", "private"),
    (MessageKind.DELAY, ""): ("lead", "sorry"),
    (MessageKind.DELAYED, ""): ("lead", "sorry"),
    (MessageKind.ASSIGNED, "promised"): ("lead", "promised"),
    (MessageKind.ASSIGNED, ""): ("lead", "unpromised"),
    (MessageKind.ASSIGNED, "handed_over promised"): ("handed_over", "promised"),
    (MessageKind.ASSIGNED, "handed_over"): ("handed_over", "unpromised"),
    (MessageKind.ASSIGNED, "unmanned promised"): ("unmanned", "promised"),
    (MessageKind.ASSIGNED, "unmanned"): ("unmanned", "unpromised"),
    (MessageKind.SUPPLEMENTED, ""): ("lead", "next"),
    (MessageKind.QUESTION, ""): ("lead", "wait", "private"),
    (MessageKind.WAIT_ENDED, "promised"): ("lead", "promised", "add"),
    (MessageKind.WAIT_ENDED, ""): ("lead", "soon", "add"),
    (MessageKind.WAIT_ENDED, "staff promised"): ("staff", "staff_promised", "staff_next"),
    (MessageKind.WAIT_ENDED, "staff"): ("staff", "staff_next"),
    (MessageKind.EXTENDED, ""): ("lead", "why"),
    (MessageKind.RESTARTED, "promised"): ("lead", "promised"),
    (MessageKind.RESTARTED, ""): ("lead", "soon"),
    (MessageKind.RECLASSIFIED, "promised"): ("lead", "promised"),
    (MessageKind.RECLASSIFIED, ""): ("lead", "soon"),
    (MessageKind.REOPENED, "promised"): ("lead", "promised"),
    (MessageKind.REOPENED, ""): ("lead", "soon"),
    (MessageKind.MERGED, ""): ("lead", "next"),
    (MessageKind.RECOMPUTED, ""): ("lead", "why"),
    (MessageKind.DUE_SOON, ""): ("lead", "next"),
    (MessageKind.DUE_SOON, "leader"): ("leader", "next"),
    (MessageKind.BROKEN, ""): ("lead", "next"),
    (MessageKind.BROKEN, "leader"): ("leader", "leader_next"),
    (MessageKind.STILL_BROKEN, ""): ("lead", "next"),
    (MessageKind.STILL_BROKEN, "leader"): ("leader", "leader_next"),
}
"""Which paragraphs each message has, by what is known."""


def variant(matter: Matter) -> tuple[MessageKind, str]:
    """Which of a message's texts fits what is known."""
    facts = matter.facts
    match matter.kind:
        case MessageKind.RECEIPT:
            return matter.kind, "promised" if "due_on" in facts else "wanted" if "wanted" in facts else ""
        case MessageKind.INTERIM_ANSWER:
            return matter.kind, "expected" if "expected_on" in facts else ""
        case MessageKind.ASSIGNED:
            how = "handed_over" if facts.get("reason") == "handed_over" else ""
            how = "unmanned" if "unmanned" in facts else how
            return matter.kind, " ".join(filter(None, (how, "promised" if "due_on" in facts else "")))
        case MessageKind.RESTARTED | MessageKind.RECLASSIFIED | MessageKind.REOPENED | MessageKind.WAIT_ENDED:
            who = "staff" if not matter.to_resident else ""
            return matter.kind, " ".join(filter(None, (who, "promised" if "due_on" in facts else "")))
        case MessageKind.DUE_SOON | MessageKind.BROKEN | MessageKind.STILL_BROKEN:
            return matter.kind, "leader" if facts.get("role") in LEADERS else ""
        case _:
            return matter.kind, "again" if "again" in facts else ""
