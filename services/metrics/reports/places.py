"""Places as pages show them and forms choose them."""

from services.metrics.manual.store import WHOLE, Scope, ScopeKind
from services.metrics.reports.addresses import scope_of
from shared.municipality import Municipality
from shared.web.i18n import Wording


def name_of(municipality: Municipality, scope: Scope) -> str:
    """What a place is called now; an id that is no longer known is its own name."""
    known = {
        ScopeKind.MUNICIPALITY: municipality.look,
        ScopeKind.SECTION: municipality.sections.get(scope.id),
        ScopeKind.UNIT: municipality.units.get(scope.id),
        ScopeKind.COMMITTEE: municipality.balance.reports.committee(scope.id),
    }[scope.kind]
    return known.name if known else scope.id


def _place_value(scope: Scope) -> str:
    return f"{scope.kind.value}:{scope.id}" if scope != WHOLE else ""


def place_of(municipality: Municipality, value: str) -> Scope | None:
    """The place that was chosen in a form; None where it is unknown."""
    kind, _, identity = value.partition(":")
    if kind not in {"", "section", "unit", "committee"} or (kind and not identity):
        return None
    return scope_of(
        municipality,
        section=identity if kind == "section" else None,
        unit=identity if kind == "unit" else None,
        committee=identity if kind == "committee" else None,
    )


def places(
    municipality: Municipality, allowed: frozenset[Scope], say: Wording
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places to choose from, grouped: the whole first, then committees, then each section with its units."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    if WHOLE in allowed:
        groups.append((say.text("report.whole"), [("", municipality.look.name)]))
    committees = [Scope.committee(one.id) for one in municipality.balance.reports.committees]
    beneath = [(say.text("report.committees"), committees)]
    for section in municipality.sections.values():
        units = [Scope.unit(unit.id) for unit in municipality.units.values() if unit.section == section.id]
        beneath.append((section.name, [Scope.section(section.id), *units]))
    for title, scopes in beneath:
        choices = [
            (_place_value(scope), name_of(municipality, scope)) for scope in scopes if scope in allowed
        ]
        if choices:
            groups.append((title, choices))
    return groups
