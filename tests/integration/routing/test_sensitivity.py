"""A topic that was sensitive stays so when the configuration no longer has it."""

from services.routing.sensitivity import SensitiveTopics
from shared.database import Database
from shared.municipality import Municipality

CHILD, ROADS = "barnevern", "vei-og-vinterdrift"


def without(municipality: Municipality, *topics: str) -> Municipality:
    """The municipality after these topics were taken away."""
    left = {name: topic for name, topic in municipality.topics.items() if name not in topics}
    return municipality.model_copy(update={"topics": left})


async def test_a_sensitive_topic_that_is_removed_stays_sensitive_and_an_ordinary_one_ordinary(
    database: Database, asker: Municipality
) -> None:
    """Old cases of roads stay everybody's, those of child welfare their unit's."""
    await SensitiveTopics(asker).remember(database)
    later = SensitiveTopics(without(asker, CHILD, ROADS))
    await later.remember(database)
    assert (CHILD in later, ROADS in later, None in later) == (True, False, False)


async def test_a_topic_that_the_configuration_has_is_what_it_says_there(
    database: Database, asker: Municipality
) -> None:
    """Whoever says of a topic that it is sensitive no longer means it."""
    await SensitiveTopics(asker).remember(database)
    opened = {**asker.topics, CHILD: asker.topics[CHILD].model_copy(update={"sensitive": False})}
    later = SensitiveTopics(asker.model_copy(update={"topics": opened}))
    await later.remember(database)
    assert CHILD not in later
    assert CHILD in SensitiveTopics(asker)
    removed = SensitiveTopics(without(asker, CHILD))
    await removed.remember(database)
    assert CHILD not in removed


async def test_until_the_database_has_been_asked_a_topic_that_is_gone_is_sensitive(
    asker: Municipality,
) -> None:
    """It might be; what the configuration has is known without."""
    unknown = SensitiveTopics(without(asker, CHILD))
    assert (CHILD in unknown, ROADS in unknown, None in unknown) == (True, False, False)
