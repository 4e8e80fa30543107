"""Which topics are sensitive: those the configuration says are, and those that were when it last had them.

A case keeps its topic for ever; the configuration need not. What was written in confidence must not become
everybody's to read when a topic is renamed or taken away.
"""

import asyncio

import structlog
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.routing.store import SensitiveTopicRow
from shared.database import Database
from shared.municipality import Municipality

RETRY = 1.0
"""Seconds until a database that is away is asked again."""

log = structlog.get_logger()


class SensitiveTopics:
    """What `topic in sensitive` asks. One that the configuration has is as it says there."""

    def __init__(self, municipality: Municipality) -> None:
        self._configured = {topic.id: topic.sensitive for topic in municipality.topics.values()}
        self._once: frozenset[str] | None = None

    def __contains__(self, topic: str | None) -> bool:
        """Whether only a case's own unit may read about it.

        Of a topic that is gone nothing is known until the database has been asked: it is sensitive until then.
        """
        if topic is None:
            return False
        if topic in self._configured:
            return self._configured[topic]
        return self._once is None or topic in self._once

    async def remember(self, database: Database) -> None:
        """Writes down which are sensitive now and which no longer, and reads which were when they were removed."""
        now = [{"topic": topic} for topic, sensitive in self._configured.items() if sensitive]
        open_ = [topic for topic, sensitive in self._configured.items() if not sensitive]
        async with database.transaction() as tx:
            await tx.session.execute(delete(SensitiveTopicRow).where(SensitiveTopicRow.topic.in_(open_)))
            if now:
                await tx.session.execute(insert(SensitiveTopicRow).on_conflict_do_nothing(), now)
            self._once = frozenset(await tx.session.scalars(select(SensitiveTopicRow.topic)))

    async def keep(self, database: Database) -> None:
        """Remembers once the database can be reached, and never ends: it is one of the service's loops."""
        while self._once is None:
            try:
                await self.remember(database)
            except Exception as error:  # noqa: BLE001 - whatever it is: until then what is unknown is sensitive
                log.warning("sensitive_topics.unknown", error=type(error).__name__)
                await asyncio.sleep(RETRY)
        await asyncio.Event().wait()
