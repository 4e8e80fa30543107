"""Cases that are handled together: one leads, and those merged into it get its answers."""

from collections.abc import Sequence
from uuid import UUID

from services.routing import store
from services.routing.cases import Case
from services.routing.work import NotNowError, Work
from shared.events import CaseMerged


async def locked_with_followers(work: Work) -> Sequence[UUID]:
    """Take the case's lock and those of the cases that get its answers; give the latter.

    All locks are taken at once and in one order, and asked for again, since a case may have been merged
    meanwhile; once the leading case is locked no other can be.
    """
    expected = await store.merged_into(work.tx.session, work.case_id)
    await store.lock_cases(work.tx.session, {work.case_id, *expected})
    followers = await store.merged_into(work.tx.session, work.case_id)
    if late := set(followers) - set(expected):
        await store.lock_cases(work.tx.session, late)
    return followers


async def merge(work: Work, into: UUID, *, key: UUID, version: int) -> Case:
    """Handle the case together with another one. Undone by reopening it.

    :raises ChangedMeanwhileError: a colleague was first.
    :raises NotNowError: `merge_itself`, `merge_finished`: the case has its answer, `merge_led`: the other one
        is not worked on, so that there is nothing to wait for. A circle would need one that is merged itself.
    """
    if into == work.case_id:
        raise NotNowError("merge_itself")
    await store.lock_cases(work.tx.session, {work.case_id, into})
    case, history = await work.known(work.case_id)
    if work.has_said(history, "case.merged", key):
        return case
    work.require(version, case, history)
    if case.finished:
        raise NotNowError("merge_finished")
    leading, _ = await work.known(into)
    if leading.finished:
        raise NotNowError("merge_led")
    merged = work.event(CaseMerged, history, "case.merged", key, into=into, unit=work.unit_of(case))
    return await work.said(history, merged)
