"""Who may read which report, who explains, issues and enters values, and to whom reports are sent."""

from datetime import date

from services.metrics.manual.store import WHOLE, Scope, ScopeKind
from services.metrics.reports.periods import PUBLIC, ReportKind, ReportPeriod
from shared.municipality import Municipality, Reader, Role, Schedule
from shared.web.session import SignedIn


def schedule_of(municipality: Municipality, kind: ReportKind) -> Schedule | None:
    """When a kind of report is issued; None where it is not by itself."""
    reports = municipality.balance.reports
    return {
        ReportKind.MONTHLY: reports.monthly,
        ReportKind.TERTIAL: reports.tertial,
        ReportKind.ANNUAL: reports.annual,
    }[kind]


def of(municipality: Municipality, kind: ReportKind, scope: Scope, on: date) -> tuple[str, ...]:
    """The people an issued report is sent to, each once.

    A unit's goes to its leader and a section's to the section's; a committee's to the leaders of its sections
    and to those who lay it before the committee; the whole municipality's to those of the schedule: leaders of
    the sections, the director, those of the offices.
    """
    schedule = schedule_of(municipality, kind)
    if schedule is None:
        return ()
    found: list[str] = []
    for reader in schedule.readers:
        found += _people(municipality, reader, scope, on)
    if scope == WHOLE:
        found += [municipality.units[unit].leader for unit in schedule.offices]
    if scope.kind == ScopeKind.COMMITTEE:
        found += _of_committee(municipality, scope)
    return tuple(dict.fromkeys(found))


def _of_committee(municipality: Municipality, scope: Scope) -> list[str]:
    committee = municipality.balance.reports.committee(scope.id)
    if committee is None:
        return []
    return [
        *(municipality.sections[section].leader for section in committee.sections),
        *(municipality.units[unit].leader for unit in committee.offices),
    ]


def readable(person: SignedIn, municipality: Municipality, kind: ReportKind) -> frozenset[Scope]:
    """Of which places someone may read a kind of report."""
    committees = (Scope.committee(one.id) for one in municipality.balance.reports.committees)
    others = (scope for scope in (WHOLE, *committees) if may_read(person, municipality, kind, scope))
    return places_led_by(person, municipality) | frozenset(others)


def has_public(period: ReportPeriod, scope: Scope) -> bool:
    """Whether a report of this kind and place is for everybody, once it is issued."""
    return period.kind in PUBLIC and scope.kind in {ScopeKind.MUNICIPALITY, ScopeKind.COMMITTEE}


def may_issue(person: SignedIn, municipality: Municipality, scope: Scope) -> bool:
    """Whether someone may issue a report: of what they lead; who leads the whole issues the committees' too."""
    led = places_led_by(person, municipality)
    return scope in led or (scope.kind == ScopeKind.COMMITTEE and WHOLE in led)


def _people(municipality: Municipality, reader: Reader, scope: Scope, on: date) -> list[str]:
    match reader, scope.kind:
        case Reader.UNIT_LEADER, ScopeKind.UNIT:
            return [municipality.units[scope.id].leader]
        case Reader.SECTION_LEADER, ScopeKind.SECTION:
            return [municipality.sections[scope.id].leader]
        case Reader.SECTION_LEADER, ScopeKind.MUNICIPALITY:
            return [section.leader for section in municipality.sections.values() if section.in_force(on)]
        case Reader.DIRECTOR, ScopeKind.MUNICIPALITY:
            return [municipality.director]
        case Reader.ADMINISTRATOR, ScopeKind.MUNICIPALITY:
            return [
                person.id
                for person in municipality.people.values()
                if Role.ADMINISTRATOR in person.roles and person.in_force(on)
            ]
        case _:
            return []


def leader(municipality: Municipality, scope: Scope) -> str:
    """Who answers for a place."""
    match scope.kind:
        case ScopeKind.UNIT:
            return municipality.units[scope.id].leader
        case ScopeKind.SECTION:
            return municipality.sections[scope.id].leader
        case ScopeKind.MUNICIPALITY | ScopeKind.COMMITTEE:
            return municipality.director


def places_led_by(person: SignedIn, municipality: Municipality) -> frozenset[Scope]:
    """What someone answers for, and so explains, issues and enters values of.

    The director and the functional administrator: everything. A section's leader: the section and its units.
    A unit's leader: the unit and its teams.
    """
    sections = {Scope.section(section): of.leader for section, of in municipality.sections.items()}
    if person.has_role(Role.DIRECTOR, Role.ADMINISTRATOR):
        return frozenset({WHOLE, *sections, *map(Scope.unit, municipality.units)})
    if not person.has_role(Role.LEADER):
        return frozenset()
    units = {Scope.unit(unit.id) for unit in municipality.units_led_by(person.person_id)}
    own = {section for section, leader in sections.items() if leader == person.person_id}
    return frozenset(units | own)


def may_read(person: SignedIn, municipality: Municipality, kind: ReportKind, scope: Scope) -> bool:
    """Whether someone may read a report: of what they lead; and of the whole, those it is made for.

    These are the leadership forum (section leaders) and the leaders of the schedule's offices; of a
    committee's report those it is sent to.
    """
    led = places_led_by(person, municipality)
    if may_issue(person, municipality, scope):
        return True
    if not person.has_role(Role.LEADER):
        return False
    if scope.kind == ScopeKind.COMMITTEE:
        return person.person_id in _of_committee(municipality, scope)
    if scope != WHOLE:
        return False
    schedule = schedule_of(municipality, kind)
    offices = [municipality.units[unit].leader for unit in schedule.offices] if schedule else []
    return person.person_id in offices or any(place.kind == ScopeKind.SECTION for place in led)
