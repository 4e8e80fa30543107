"""A mail about a report, in words: the same frame as every other mail."""

from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlencode

from services.notify.letters import Letter, Letters
from services.notify.report_mail.store import ReportMail
from shared.events import ReportFrozen
from shared.municipality import Municipality, Person

_KINDS = {"monthly": "maned", "tertial": "tertial", "annual": "ar"}
"""The kinds of report as they stand in the addresses of their pages."""


class ReportLetters:
    """Writes mails about reports in a municipality's name, in its usual language."""

    def __init__(self, municipality: Municipality, letters: Letters, *, public_url: str) -> None:
        self._municipality = municipality
        self._letters = letters
        self._say = letters.wording(municipality.languages[0])
        self._public_url = public_url.rstrip("/")

    def mail(self, row: ReportMail, reader: Person, *, at: datetime) -> EmailMessage:
        """The whole mail. The same row has the same Message-ID at each try."""
        letter = self._letter(row, reader)
        mail = self._letters.addressed(row.id, reader.email, letter.subject, at)
        foot = self._say.text("report_mail.automatic")
        self._letters.fill(mail, "mail", self._say, letter=letter, foot=foot, notices=None, answerable=False)
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
            return self._say.text(f"report_mail.tertial.{part[1:]}", year=year)
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
        if row.committee:
            committee = known.balance.reports.committee(row.committee)
            return committee.name if committee else row.committee
        return known.look.name

    def _link(self, row: ReportMail) -> str:
        query = {"enhet": row.unit, "seksjon": row.section, "utvalg": row.committee, "versjon": row.version}
        given = {name: value for name, value in query.items() if value is not None}
        path = f"{self._public_url}/innsikt/rapporter/{_KINDS[row.report]}/{row.period}"
        return f"{path}?{urlencode(given)}" if given else path
