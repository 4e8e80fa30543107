"""An import on a real bus: interrupted, repeated and changed, it says everything once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nats.js import JetStreamContext

from deploy import stream
from deploy.importing.cases import Case
from deploy.importing.publishing import Import, last_said
from shared import events
from shared.events import CaseImported, Event

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def case(number: int) -> Case:
    """One row of many."""
    return Case(
        row=number + 2,
        reference=f"2014/{number}",
        received_at=MONDAY - timedelta(days=number),
        due_on=None,
        answered_at=None,
        kind="question",
        topic=None,
        unit="Teknisk etat",
        area=None,
        channel=None,
    )


CASES = [case(number) for number in range(1500)]


def importing(hours: int = 0) -> Import:
    """Sørum's archive, imported some hours after Monday morning."""
    return Import("sorum", "arkiv", "Europe/Oslo", MONDAY + timedelta(hours=hours))


async def said(js: JetStreamContext) -> list[Event]:
    """Everything on the stream."""
    found = stream.messages(js, "dialogue.>", bodies=True)
    return [events.read(message.headers, message.data) async for message in found]


async def test_an_interrupted_import_goes_on_where_it_stopped(js: JetStreamContext) -> None:
    """What was said before Ctrl-C is not said again, and the rest is; nothing twice, nothing lost."""
    new, _, _ = importing().events(CASES, await last_said(js, "sorum"))
    await stream.publish(js, new[:700], lambda _: None)
    again, changed, unchanged = importing(hours=3).events(CASES, await last_said(js, "sorum"))
    assert (len(again), len(changed), unchanged) == (800, 0, 700)
    reached: list[int] = []
    last = await stream.publish(js, again, reached.append)
    assert (reached, last) == ([800], 1500)
    assert {event.case_id for event in await said(js)} == {event.case_id for event in new}
    assert len(await said(js)) == len(CASES)
    assert importing(hours=4).events(CASES, await last_said(js, "sorum")) == ([], [], 1500)


async def test_what_was_said_and_not_yet_known_to_be_is_dropped_by_the_stream(js: JetStreamContext) -> None:
    """A process that died before the acknowledgement came says the same ids again."""
    new, _, _ = importing().events(CASES[:100], {})
    await stream.publish(js, new, lambda _: None)
    await stream.publish(js, new, lambda _: None)
    assert len(await said(js)) == 100


async def test_the_last_word_about_a_case_is_the_one_that_counts(js: JetStreamContext) -> None:
    """Changed and changed back: three events, each later than the one before, even with a clock set back."""
    changed = replace(CASES[0], answered_at=MONDAY)
    for hours, one in enumerate((CASES[0], changed, CASES[0])):
        new, other, _ = importing(hours=-hours).events([one], await last_said(js, "sorum"))
        await stream.publish(js, [*new, *other], lambda _: None)
    told = [event for event in await said(js) if isinstance(event, CaseImported)]
    assert [event.answered_at for event in told] == [None, MONDAY, None]
    assert sorted(event.at for event in told) == [event.at for event in told]
    assert len({event.id for event in told}) == 3
    assert await last_said(js, "asker") == {}
