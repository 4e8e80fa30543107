"""The bus of a running stack: who may say and hear what, and what provisioning makes of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import asyncpg
import nats
import pytest
from nats.errors import NoRespondersError
from nats.js import JetStreamContext

from deploy.provision import Login, provision_databases, provision_streams
from tests.system.running_stack import RunningStack

Connect = Callable[[str], Awaitable[nats.NATS]]


@pytest.fixture
async def connect(shared_stack: RunningStack) -> AsyncGenerator[Connect]:
    """Connections by user name; a refused word ends up in the connection's `refusals`."""
    opened: list[nats.NATS] = []

    async def as_user(user: str) -> nats.NATS:
        async def heard(error: Exception) -> None:
            refusals.append(str(error))

        refusals: list[str] = []
        nc = await nats.connect(
            shared_stack.folder.record().parts["nats"].address,
            user=user,
            password=shared_stack.folder.secrets().nats[user],
            inbox_prefix=f"_INBOX_{user}",
            allow_reconnect=False,
            error_cb=heard,
        )
        nc.refusals = refusals
        opened.append(nc)
        return nc

    yield as_user
    for nc in opened:
        await nc.close()


async def refused(nc: nats.NATS) -> bool:
    """Whether the server refused what was last said or listened to."""
    # The server answers in order, a refusal before the answer to a later ping. A flush's ping may go ahead of what
    # the client still has to send, and the next one's not.
    await nc.flush()
    await nc.flush()
    told = bool(nc.refusals)
    nc.refusals.clear()
    return told


@pytest.mark.parametrize(
    ("service", "subject"),
    [
        ("intake", "dialogue.testby.submission.received.v1"),
        ("intake", "dialogue.testby.feedback.given.v1"),
        ("routing", "dialogue.testby.case.assigned.v1"),
        ("notify", "dialogue.testby.promise.broken.v1"),
        ("notify", "dialogue.testby.message.sent.v1"),
        ("metrics", "dialogue.testby.report.frozen.v1"),
        ("metrics", "dead.metrics"),
        ("routing", "session.ended"),
    ],
)
async def test_a_service_says_what_is_its_own(connect: Connect, service: str, subject: str) -> None:
    """JetStream acknowledges it."""
    nc = await connect(service)
    await nc.jetstream().publish(subject, b"{}", timeout=60)


@pytest.mark.parametrize(
    ("service", "subject"),
    [
        ("intake", "dialogue.testby.case.assigned.v1"),
        ("intake", "dialogue.otherby.submission.received.v1"),
        ("routing", "dialogue.testby.promise.broken.v1"),
        ("metrics", "dialogue.testby.submission.received.v1"),
        ("notify", "intake.submission.read"),
        ("metrics", "intake.contact.read"),
        ("routing", "intake.contact.read"),
        ("intake", "dead.notify"),
        ("metrics", "session.ended"),
        ("intake", "$JS.API.STREAM.DELETE.DIALOGUE"),
        ("intake", "$JS.API.CONSUMER.MSG.NEXT.DIALOGUE.routing"),
        ("intake", "$JS.ACK.DIALOGUE.routing.1.1.1.1.1"),
        ("notify", "_INBOX_intake.abc"),
    ],
)
async def test_a_service_cannot_say_what_is_not_its_own(connect: Connect, service: str, subject: str) -> None:
    """What a resident wrote can be asked for by routing alone, the contact by notify alone."""
    nc = await connect(service)
    await nc.publish(subject, b"{}")
    assert await refused(nc)


@pytest.mark.parametrize(
    "subject", ["dialogue.>", "_INBOX_routing.>", "_INBOX.>", "intake.contact.read", ">"]
)
async def test_metrics_cannot_listen_to_what_is_meant_for_others(connect: Connect, subject: str) -> None:
    """Not even events pass by anywhere but in its own consumer."""
    nc = await connect("metrics")
    await nc.subscribe(subject)
    assert await refused(nc)


async def test_a_question_is_answered_to_the_one_who_may_ask(connect: Connect) -> None:
    """Request and reply over the bus; where nobody answers, the asker hears so at once."""
    intake, notify = await connect("intake"), await connect("notify")
    with pytest.raises(NoRespondersError):
        await notify.request("intake.contact.read", b"{}", timeout=60)

    async def answer(message: nats.aio.msg.Msg) -> None:
        await message.respond(b"answer")

    await intake.subscribe("intake.contact.read", queue="intake", cb=answer)
    await intake.flush()
    assert (await notify.request("intake.contact.read", b"{}", timeout=60)).data == b"answer"
    assert not await refused(intake)


async def test_a_service_consumes_and_acknowledges_through_its_own_consumer(connect: Connect) -> None:
    """Fetch, acknowledge, and see what is left."""
    intake, routing = await connect("intake"), await connect("routing")
    await intake.jetstream().publish("dialogue.testby.submission.received.v1", b"{}", timeout=60)
    subscription = await routing.jetstream().pull_subscribe_bind("routing", stream="DIALOGUE")
    left = (await subscription.consumer_info()).num_pending
    assert left >= 1
    for message in await subscription.fetch(left, timeout=60):
        await message.ack_sync()
    assert (await subscription.consumer_info()).num_ack_pending == 0
    assert not await refused(routing)


async def test_the_desk_and_the_dashboards_read_which_sessions_have_ended(connect: Connect) -> None:
    """One by one, and by no other way; nobody else may."""
    routing, metrics, intake = [await connect(user) for user in ("routing", "metrics", "intake")]
    said = await routing.jetstream().publish("session.ended", b"a" * 32, timeout=60)
    read = await metrics.jetstream().get_msg("SESSIONS", said.seq, subject="session.ended", next=True)
    assert read.data == b"a" * 32
    assert (await metrics.jetstream().stream_info("SESSIONS")).state.last_seq >= read.seq
    assert not await refused(metrics)
    await intake.publish("$JS.API.STREAM.MSG.GET.SESSIONS", b'{"seq": 1}')
    assert await refused(intake)


async def test_provisioning_again_changes_filters_and_keeps_the_place(connect: Connect) -> None:
    """A new event in the contract reaches the consumer at the next start."""
    js: JetStreamContext = (await connect("operator")).jetstream()
    filters = {"notify": ["dialogue.*.case.assigned.v1"]}
    await provision_streams(js, filters)
    before = await js.consumer_info("DIALOGUE", "notify")
    assert before.config.filter_subject or before.config.filter_subjects == filters["notify"]
    await provision_streams(js, {"notify": ["dialogue.*.case.answered.v1", "dialogue.*.case.assigned.v1"]})
    after = await js.consumer_info("DIALOGUE", "notify")
    assert after.config.filter_subjects == ["dialogue.*.case.answered.v1", "dialogue.*.case.assigned.v1"]
    assert (after.config.max_ack_pending, after.config.ack_wait, after.config.max_deliver) == (5000, 20, -1)
    assert after.created == before.created
    stream = (await js.stream_info("DIALOGUE")).config
    assert (stream.duplicate_window, stream.storage, stream.allow_direct) == (3600, "file", True)


async def test_provisioning_makes_a_database_for_each_role_and_for_no_other(
    shared_stack: RunningStack,
) -> None:
    """Running it again is harmless; a service gets into its own database alone."""
    secrets = shared_stack.folder.secrets()
    address = shared_stack.folder.record().parts["postgres"].address
    host = address.removeprefix("postgresql://")
    logins = [Login(name, password, name) for name, password in secrets.postgres.items()]
    await provision_databases(f"postgresql://postgres:{secrets.postgres_admin}@{host}/postgres", logins)
    own = await asyncpg.connect(f"postgresql://intake:{secrets.postgres['intake']}@{host}/intake")
    assert await own.fetchval("SHOW fsync") == "on"
    assert await own.fetchval("SHOW synchronous_commit") == "on"
    await own.execute("CREATE TABLE probe (id int)")
    await own.execute("DROP TABLE probe")
    await own.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"postgresql://intake:{secrets.postgres['intake']}@{host}/routing")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://intake:wrong@{host}/intake")
