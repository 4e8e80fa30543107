"""What residents can expect: the service declarations in force today, in the words they were given in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from litestar import get
from litestar.response import Template

from services.intake.parts import Intake, Parts
from shared.clock import oslo_day
from shared.declarations_in_words import about
from shared.explanation import rule_in_words
from shared.municipality import PromiseRule, Recipient
from shared.promise import Rule
from shared.web.site import Say

PATH = "/forvent"


@dataclass(frozen=True, slots=True)
class Declared:
    """A service declaration as residents see it; `review_by` only where that day has passed."""

    about: str
    words: str
    period: str
    review_by: date | None


@get(PATH, include_in_schema=False)
async def expectations_page(say: Say, intake: Intake) -> Template:
    """What is promised for everything, and what for some topics, areas, kinds and channels."""
    today, municipality = oslo_day(intake.clock()), intake.municipality
    in_force = [rule for rule in municipality.promises if rule.in_force(today)]
    general = [rule for rule in in_force if not any(rule.match.specificity)]
    special = [rule for rule in in_force if any(rule.match.specificity)]
    return Template(
        "expectations.html",
        context={
            "general": list(_declared(general, intake, say.language, today)),
            "special": sorted(
                _declared(special, intake, say.language, today), key=lambda declared: declared.about
            ),
            "tells_residents": any(Recipient.RESIDENT in rung.to for rung in municipality.ladder),
        },
    )


def _declared(rules: list[PromiseRule], intake: Parts, language: str, today: date) -> Iterator[Declared]:
    for rule in rules:
        yield Declared(
            about=about(rule, intake.municipality, language, intake.catalogue),
            words=rule.words[language],
            period=rule_in_words(Rule.parse(rule.rule), language, intake.catalogue),
            review_by=rule.review_by if rule.outdated(today) else None,
        )
