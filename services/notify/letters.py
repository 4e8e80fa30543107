"""A message as a mail: its words from the catalogue, as plain text and HTML, with the headers that thread it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.notify.matters import Addressee, Collection, Entry, Matter
from services.notify.messages import MessageKind, message_id, receipt_key
from services.notify.variants import PARAGRAPHS, variant
from shared.catalogue import LANGUAGES, Catalogue
from shared.clock import OSLO
from shared.identity import derived_id
from shared.municipality import Municipality
from shared.web.i18n import Wording

HERE = Path(__file__).parent
MOST_LISTED = 50
"""Cases that a digest lists of each kind; of the rest it says how many there are."""
LONGEST_GREETED = 60
_ADDRESS_OR_NUMBER = re.compile(r"[/@:]|\w\.\w\w|\d(?:\W?\d){4}")


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a mail, in one language."""

    subject: str
    greeting: str
    paragraphs: list[Markup]
    """The first is the conclusion."""
    facts: list[tuple[str, str]]
    action: str
    link: str


class Letters:
    """Writes mails in a municipality's name."""

    def __init__(
        self,
        municipality: Municipality,
        catalogue: Catalogue,
        *,
        sender: str,
        sender_name: str | None = None,
        reply_to: Callable[[UUID], str] | None = None,
    ) -> None:
        self._municipality = municipality
        self._catalogue = catalogue
        self._sender = sender
        self._sender_name = sender_name or municipality.look.name
        self._reply_to = reply_to
        self._domain = sender.rpartition("@")[2]
        options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
        loader = FileSystemLoader(HERE / "templates")
        self._html = Environment(loader=loader, autoescape=True, **options)  # type: ignore[arg-type]
        self._plain = Environment(loader=loader, autoescape=False, **options)  # type: ignore[arg-type] # noqa: S701 - plain text

    @property
    def short_name(self) -> str:
        """The municipality's name where there is little room."""
        return self._municipality.look.short_name

    def mail(self, matter: Matter, addressee: Addressee, *, at: datetime) -> EmailMessage:
        """The whole mail. The same message has the same Message-ID at each try."""
        say = self.wording(addressee.language)
        letter = self._letter(matter, addressee, say)
        mail = self.addressed(matter.id, addressee.address, letter.subject, at)
        root = self._thread(matter)
        if root != mail["Message-ID"]:
            mail["In-Reply-To"] = root
            mail["References"] = root
        notices = addressee.notices if matter.to_resident and matter.kind is not MessageKind.ANSWER else None
        if notices:
            mail["List-Unsubscribe"] = f"<{notices}/av>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        answerable = self._reply_to is not None and matter.to_resident
        if self._reply_to and answerable:
            reply_to = Address(self._municipality.look.name, addr_spec=self._reply_to(matter.case_id))
            mail.replace_header("Reply-To", reply_to)
        look = self._municipality.look
        foot = (
            say.text("mail.contact", phone=look.phone, email=look.email, reference=matter.reference)
            if matter.to_resident
            else say.text("mail.automatic")
        )
        self.fill(mail, "mail", say, letter=letter, foot=foot, notices=notices, answerable=answerable)
        return mail

    def digest(self, collection: Collection, addressee: Addressee, *, at: datetime) -> EmailMessage:
        """A mail that lists many cases. The same digest has the same Message-ID at each try."""
        say = self.wording(addressee.language)
        count = len(collection.entries)
        subject = say.text("mail.digest.subject", count=count)
        mail = self.addressed(collection.id, addressee.address, subject, at)
        sections = [
            {
                "heading": say.text(f"mail.digest.{kind}"),
                "count": len(entries),
                "rows": [self._row(entry, say) for entry in entries[:MOST_LISTED]],
                "more": max(0, len(entries) - MOST_LISTED),
            }
            for kind in _REMINDERS
            if (entries := [entry for entry in collection.entries if entry.kind is kind])
        ]
        self.fill(mail, "digest", say, addressee=addressee, subject=subject, count=count, sections=sections)
        return mail

    def addressed(self, message: UUID, to: str, subject: str, at: datetime) -> EmailMessage:
        """A mail without its words."""
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = self._id(message)
        mail["Date"] = format_datetime(at.astimezone(OSLO))
        mail["From"] = Address(self._sender_name, addr_spec=self._sender)
        mail["Reply-To"] = Address(self._municipality.look.name, addr_spec=self._municipality.look.email)
        mail["To"] = to
        mail["Subject"] = subject
        mail["Auto-Submitted"] = "auto-generated"
        return mail

    def fill(self, mail: EmailMessage, template: str, say: Wording, **context: object) -> None:
        """Writes the words: `mail` or `digest`, as text and as HTML, from what the template wants to know."""
        context |= {"look": self._municipality.look, "say": say}
        plain = self._plain.get_template(f"{template}.txt").render(context)
        html = self._html.get_template(f"{template}.html").render(context)
        mail.set_content(plain, cte="quoted-printable")
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        mail["Content-Language"] = say.language  # last: setting the content moves it to the first part

    def _row(self, entry: Entry, say: Wording) -> dict[str, str]:
        topic = self._municipality.topics.get(entry.topic or "")
        unit = self._municipality.units.get(entry.unit or "")
        return {
            "reference": entry.reference,
            "topic": topic.name(say.language) if topic else say.text("mail.no_topic"),
            "unit": unit.name if unit else self._municipality.look.name,
            "due_on": say.day(entry.due_on),
            "link": entry.link,
        }

    def _id(self, message: UUID) -> str:
        return f"<{message}@{self._domain}>"

    def _thread(self, matter: Matter) -> str:
        """Where the mails of a case hang together: the receipt's for a resident, one of its own for staff."""
        root = message_id(receipt_key(matter.case_id)) if matter.to_resident else None
        return self._id(root or derived_id(matter.case_id, "staff"))

    def wording(self, language: str) -> Wording:
        """The catalogue in a language, the municipality's own where we do not have it."""
        usual = self._municipality.languages[0]
        return Wording(self._catalogue, language if language in LANGUAGES else usual)

    def _letter(self, matter: Matter, addressee: Addressee, say: Wording) -> Letter:
        words = self.words(matter, say)
        keys = [f"mail.{matter.kind}.{part}" for part in PARAGRAPHS[variant(matter)]]
        name = addressee.name
        greets = name and not (matter.to_resident and _leads_somewhere(name))
        return Letter(
            subject=say.text(_subject(matter), **words),
            greeting=say.text("mail.greeting_name", name=name) if greets else say.text("mail.greeting"),
            paragraphs=[say.t(key, **words) for key in keys],
            facts=self._facts(matter, say, words),
            action=say.text(_action(matter)),
            link=addressee.link,
        )

    def words(self, matter: Matter, say: Wording) -> dict[str, str]:
        """What the texts may speak of."""
        municipality = self._municipality
        unit = municipality.units.get(matter.facts.get("unit") or matter.unit or "")
        person = municipality.people.get(matter.person or "")
        topic = municipality.topics.get(matter.topic or "")
        return {
            "reference": matter.reference,
            "yours": say.text(f"mail.yours.{matter.submission}"),
            "kind": say.text(f"mail.kind.{matter.submission}"),
            "topic": topic.name(say.language) if topic else say.text("mail.no_topic"),
            "unit": unit.name if unit else municipality.look.name,
            "person": person.name if person else say.text("mail.nobody"),
            **{
                name: say.day(date.fromisoformat(matter.facts[name]))
                for name in ("due_on", "expected_on", "until", "moved_from")
                if name in matter.facts
            },
        }

    def _facts(self, matter: Matter, say: Wording, words: Mapping[str, str]) -> list[tuple[str, str]]:
        rows = [("reference", matter.reference)]
        if matter.topic:
            rows.append(("topic", words["topic"]))
        area = self._municipality.areas.get(matter.area or "")
        if area:
            rows.append(("area", area.name))
        if not matter.to_resident:
            rows.append(("unit", words["unit"]))
        if "due_on" in words:
            rows.append(("due_on", words["due_on"]))
        if "expected_on" in words:
            rows.append(("expected_on", words["expected_on"]))
        return [(say.text(f"mail.fact.{name}"), value) for name, value in rows]


_REMINDERS = (MessageKind.STILL_BROKEN, MessageKind.BROKEN, MessageKind.DUE_SOON)
"""What a digest lists, the worst first."""


def _leads_somewhere(name: str) -> bool:
    """Whether a name is an advertisement: our form takes anybody's address, and a mail would carry it there."""
    return len(name) > LONGEST_GREETED or _ADDRESS_OR_NUMBER.search(name) is not None


def _subject(matter: Matter) -> str:
    again = variant(matter) == (MessageKind.ANSWER, "again")
    return "mail.answer.subject_again" if again else f"mail.{matter.kind}.subject"


def _action(matter: Matter) -> str:
    if matter.kind in {MessageKind.ANSWER, MessageKind.INTERIM_ANSWER}:
        return "mail.action.answer"
    if matter.kind is MessageKind.QUESTION:
        return "mail.action.question"
    return "mail.action.follow" if matter.to_resident else "mail.action.open"
