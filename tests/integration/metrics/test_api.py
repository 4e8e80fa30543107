"""`/api/v1/indicators` through the real application, on a real database and bus."""

from collections import Counter
from datetime import date

import pytest

from services.metrics.openapi import document
from shared.events import CaseImported, SubmissionReceived
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, NOON
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.plain_figures import local
from tests.integration.metrics.served import LEADER, Client, signed_in

JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
ADDRESS = "/api/v1/indicators"
EVENTS = stories(3, 200)
RECEIVED_ON = Counter(
    local(event.at if isinstance(event, SubmissionReceived) else event.received_at)
    for event in EVENTS
    if isinstance(event, SubmissionReceived | CaseImported)
)


async def test_the_figures_of_a_period_are_public(client: Client) -> None:
    """Anybody may ask; what tells of many cases is there."""
    response = await client.get(ADDRESS, params=JANUARY)
    told = response.json()
    expected = plainly(
        EVENTS,
        date(2026, 1, 1),
        date(2026, 1, 31),
        date(2026, 3, 1),
        CALENDAR.add_working_days(date(2026, 2, 1), 2),
    )
    assert response.status_code == 200
    assert told["period"] == JANUARY
    assert told["promise"] == expected["promise"]
    assert told["response_days"] == expected["response_days"]
    assert told["received"] == expected["received"]
    assert next(iter(told)) == "period"
    assert "groups" not in told


async def test_small_figures_are_told_to_staff_alone(client: Client) -> None:
    """One day of January has few cases: nothing of them in public, everything for one who has signed in."""
    few = next(on for on, count in sorted(RECEIVED_ON.items()) if 0 < count < 5)
    day = {"from": few.isoformat(), "to": few.isoformat(), "by": "unit"}
    public = (await client.get(ADDRESS, params={name: day[name] for name in ("from", "to")})).json()
    assert set(public["received"].values()) == {None}
    signed_in(client, LEADER, NOON)
    told = (await client.get(ADDRESS, params=day)).json()
    assert 0 < told["received"]["total"] < 5
    assert sum(group["received"]["total"] for group in told["groups"]) == told["received"]["total"]


async def test_unchanged_figures_are_not_sent_again(client: Client) -> None:
    """The answer has an ETag; who knows it gets 304, and staff's figures are never kept on the way."""
    first = await client.get(ADDRESS, params=JANUARY)
    again = await client.get(ADDRESS, params=JANUARY, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["access-control-allow-origin"] == "*"
    signed_in(client, LEADER, NOON)
    private = await client.get(ADDRESS, params=JANUARY)
    assert private.headers["cache-control"] == "private, no-cache"
    assert "access-control-allow-origin" not in private.headers


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({}, {"from", "to"}),
        ({"from": "2026-01-01"}, {"to"}),
        ({"from": "1 January", "to": "2026-01-31"}, {"from"}),
        ({"from": "2026-02-30", "to": "2026-03-31"}, {"from"}),
        ({"from": "20260101", "to": "2026-03-31"}, {"from"}),
        ({"from": "0001-01-01", "to": "9999-12-31"}, {"from", "to"}),
        ({"from": "2026-02-01", "to": "2026-01-31"}, {"to"}),
        ({**JANUARY, "by": "caseworker"}, {"by"}),
        ({**JANUARY, "by": "unit,kind"}, {"by"}),
        ({"from": "2026-01-01", "to": "2026-01-30", "by": "topic"}, {"to"}),
        ({"from": "2026-01-02", "to": "2026-02-28", "by": "section"}, {"to"}),
        ({**JANUARY, "organisation": "tomorrow"}, {"organisation"}),
    ],
)
async def test_a_wrong_parameter_is_named_in_a_problem_document(
    client: Client, query: dict[str, str], fields: set[str]
) -> None:
    """RFC 9457, in words."""
    response = await client.get(ADDRESS, params=query)
    assert response.status_code == 422
    assert response.headers["content-type"].startswith("application/problem+json")
    assert {error["field"] for error in response.json()["errors"]} == fields
    assert all(error["message"].endswith(".") for error in response.json()["errors"])


async def test_the_command_lines_road_tells_everything_in_any_grouping(client: Client) -> None:
    """It is not reachable through the front door."""
    query = {**JANUARY, "by": "unit,kind,topic,area,channel"}
    told = (await client.get("/internal/indicators", params=query)).json()
    keys = {tuple(group["key"]) for group in told["groups"]}
    assert keys == {("unit", "kind", "topic", "area", "channel")}
    assert sum(group["received"]["total"] for group in told["groups"]) == told["received"]["total"]


async def test_the_document_of_the_answer_is_served_beside_it(client: Client) -> None:
    """The one in the repository, with this municipality's address or none."""
    served_document = (await client.get(f"{ADDRESS}/description/openapi.json")).json()
    assert served_document["paths"] == document()["paths"]
    assert served_document["components"] == document()["components"]


async def test_a_day_no_calendar_knows_is_not_said_to_be_written_wrong(client: Client) -> None:
    """It names the years there are."""
    response = await client.get(ADDRESS, params={"from": "0999-01-01", "to": "2026-01-31"})
    assert response.json()["errors"] == [{"field": "from", "message": "Velg en dag i årene 1971 til 2198."}]


async def test_the_municipality_tells_of_itself_alone(client: Client) -> None:
    """Its declarations and its residents are in the whole, and in no group."""
    told = (await client.get("/internal/indicators", params={**JANUARY, "by": "unit"})).json()
    assert told["declarations"]["all"] >= told["declarations"]["current"] > 0
    rates = told["enquiries_per_1000"]
    assert rates["residents"] == 15000
    assert rates["total"] == round(told["received"]["total"] / 15, 6)
    assert all(group["enquiries_per_1000"]["total"] is None for group in told["groups"])
    assert (told["version"], told["organisation"]) == (1, "then")


async def test_figures_of_the_organisation_of_now_say_so(client: Client) -> None:
    """The units of these cases are none the municipality knows: they stay where they were."""
    then = (await client.get("/internal/indicators", params={**JANUARY, "by": "unit"})).json()
    asked = {**JANUARY, "by": "unit", "organisation": "now"}
    now = (await client.get("/internal/indicators", params=asked)).json()
    assert now["organisation"] == "now"
    assert now["received"] == then["received"]
    assert sum(group["received"]["total"] for group in now["groups"]) == then["received"]["total"]
