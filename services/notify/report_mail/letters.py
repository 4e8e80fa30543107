"""A mail about a report, in words: the same frame as every other mail."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.letters import Letter
from services.notify.report_mail.store import ReportMail
from shared.catalogue import Catalogue
from shared.clock import OSLO
from shared.events import ReportFrozen
from shared.municipality import Municipality, Person
from shared.web.i18n import Wording

TEMPLATES = Path(__file__).parents[1] / "templates"
_KINDS = {"monthly": "maned", "tertial": "tertial", "annual": "ar"}
"""The kinds of report as they stand in the addresses of their pages."""


@dataclass(frozen=True, slots=True)
class _Staff:
    """What the frame asks of what a mail is about."""

    to_resident: bool = False
    reference: str = ""


class ReportLetters:
    """Writes mails about reports in a municipality's name, in its usual language."""

    def __init__(
        self,
        municipality: Municipality,
        catalogue: Catalogue,
        *,
        sender: str,
        name: str | None,
        public_url: str,
    ) -> None:
        self._municipality = municipality
        self._say = Wording(catalogue, municipality.languages[0])
        self._sender = sender
        self._name = name or municipality.look.name
        self._public_url = public_url.rstrip("/")
        options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
        loader = FileSystemLoader(TEMPLATES)
        self._html = Environment(loader=loader, autoescape=True, **options).get_template("mail.html")  # type: ignore[arg-type]
        self._plain = Environment(loader=loader, autoescape=False, **options).get_template("mail.txt")  # type: ignore[arg-type] # noqa: S701 - plain text

    def mail(self, row: ReportMail, reader: Person, *, at: datetime) -> EmailMessage:
        """The whole mail. The same row has the same Message-ID at each try."""
        letter = self._letter(row, reader)
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = f"<{row.id}@{self._sender.rpartition('@')[2]}>"
        mail["Date"] = format_datetime(at.astimezone(OSLO))
        mail["From"] = Address(self._name, addr_spec=self._sender)
        mail["Reply-To"] = Address(self._municipality.look.name, addr_spec=self._municipality.look.email)
        mail["To"] = reader.email
        mail["Subject"] = letter.subject
        mail["Auto-Submitted"] = "auto-generated"
        context = {
            "letter": letter,
            "look": self._municipality.look,
            "say": self._say,
            "matter": _Staff(),
            "notices": None,
            "answerable": False,
            "why": "mail.automatic_report",
        }
        mail.set_content(self._plain.render(context), cte="quoted-printable")
        mail.add_alternative(self._html.render(context), subtype="html", cte="quoted-printable")
        mail["Content-Language"] = self._say.language  # last: setting the content moves it to the first part
        return mail

    def _letter(self, row: ReportMail, reader: Person) -> Letter:
        say = self._say
        words = {
            "report": say.text(f"report_mail.report.{row.report}"),
            "period": self._period(row),
            "place": self._place(row),
        }
        facts = [("place", words["place"]), ("period", words["period"])]
        if row.event == ReportFrozen.NAME:
            key = "frozen" if row.version == 1 else "corrected"
            parts = [say.t(f"report_mail.{key}.lead", **words), say.t("report_mail.frozen.next")]
        else:
            key = "again" if row.again else "wanted"
            parts = [
                say.t(f"report_mail.{key}.lead", **words, count=row.count),
                say.t("report_mail.wanted.next"),
            ]
            if row.due_on:
                facts.append(("due_on", say.day(row.due_on)))
        return Letter(
            subject=say.text(f"report_mail.{key}.subject", **words),
            greeting=say.text("mail.greeting_name", name=reader.name),
            paragraphs=parts,
            facts=[(say.text(f"report_mail.fact.{name}"), value) for name, value in facts],
            action=say.text("report_mail.action.frozen" if row.version else "report_mail.action.wanted"),
            link=self._link(row),
        )

    def _period(self, row: ReportMail) -> str:
        """`2026-T2` as people say it; a month by its name."""
        year, _, part = row.period.partition("-")
        if part.startswith("T"):
            return self._say.text("report_mail.tertial", number=part[1:], year=year)
        if part:
            return self._say.text(
                "report_mail.month", month=self._say.text(f"report_mail.months.{int(part)}"), year=year
            )
        return year

    def _place(self, row: ReportMail) -> str:
        known = self._municipality
        if row.unit:
            return known.units[row.unit].name if row.unit in known.units else row.unit
        if row.section:
            return known.sections[row.section].name if row.section in known.sections else row.section
        return known.look.name

    def _link(self, row: ReportMail) -> str:
        query = {"enhet": row.unit, "seksjon": row.section, "versjon": row.version}
        given = {name: value for name, value in query.items() if value is not None}
        path = f"{self._public_url}/innsikt/rapporter/{_KINDS[row.report]}/{row.period}"
        return f"{path}?{urlencode(given)}" if given else path
