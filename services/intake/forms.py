"""The resident's form: praise, complaint or question, a look over it, and the receipt."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import draft_store, drafts, store
from services.intake.drafts import Kept
from services.intake.files import MOST_BYTES_OF_A_FORM, FileField
from services.intake.parts import Intake, Parts
from services.intake.validation import MOST_CHARACTERS, checked, faults
from shared.events import Channel, Kind
from shared.municipality import Topic
from shared.web.i18n import Message
from shared.web.site import Say

AnyRequest = Request[Any, Any, Any]

PATHS = {Kind.PRAISE: "/ros", Kind.COMPLAINT: "/klage", Kind.QUESTION: "/sporsmal"}
_KINDS = {path: kind for kind, path in PATHS.items()}
_FORMS = list(_KINDS)
_CHECKS = [f"{path}/kontroller" for path in _FORMS]
_TRAP = "nettsted"


@dataclass(frozen=True, slots=True)
class _Visitor:
    id: str
    is_new: bool

    @classmethod
    def of(cls, request: AnyRequest) -> "_Visitor":
        known = request.cookies.get(drafts.VISITOR_COOKIE, "")
        ours = known and known.isprintable()
        return cls(known, is_new=False) if ours else cls(drafts.new_visitor(), is_new=True)

    def cookies(self, intake: Parts) -> list[Any]:
        return [drafts.visitor_cookie(self.id, secure=intake.secure)] if self.is_new else []


@get("/", include_in_schema=False)
async def front_page(say: Say, intake: Intake) -> Template:
    """The three ways to write, and where to turn with an appeal."""
    appeals = intake.municipality.look.appeals
    return Template(
        "front.html",
        context={
            "paths": PATHS,
            "appeals": appeals.words[say.language],
            "appeals_email": appeals.email,
            "appeals_url": appeals.url,
        },
    )


@get(_FORMS, include_in_schema=False)
async def form_page(
    request: AnyRequest,
    say: Say,
    intake: Intake,
    utkast: FromQuery[UUID | None] = None,
    rett: FromQuery[bool] = False,  # noqa: FBT002
    felle: FromQuery[bool] = False,  # noqa: FBT002
    borte: FromQuery[bool] = False,  # noqa: FBT002
) -> Template | Redirect:
    """The form, with what was typed before.

    `rett`: with what must be put right; `felle`: the field that only machines see was filled in; `borte`: the
    draft is gone.
    """
    kind = _kind(request)
    visitor = _Visitor.of(request)
    async with intake.database.transaction() as tx:
        draft = await drafts.find(tx, visitor.id, kind, utkast) if not visitor.is_new else None
        if draft and draft.sent_as:
            return await _to_receipt(draft.sent_as, tx.session)
    return Template(
        "form.html",
        context=_form(kind, draft or drafts.a_new_one(), intake, say.language)
        | {
            "errors": _errors(kind, draft, intake, all_of_them=rett, trapped=felle) if draft else {},
            "resumed": draft is not None and utkast is None and not draft.is_empty,
            "lost": borte,
        },
        cookies=visitor.cookies(intake),
    )


@post(_FORMS, include_in_schema=False, request_max_body_size=MOST_BYTES_OF_A_FORM, status_code=200)
async def keep_form(request: AnyRequest, intake: Intake) -> Template | Redirect:
    """Keeps what was typed, and goes where the button says: on, or back to the form with files changed."""
    kind = _kind(request)
    visitor = _Visitor.of(request)
    form = await request.form()
    action = str(form.get("do", "next"))
    draft_id = drafts.uuid_in(form.get("utkast")) or drafts.a_new_one().id
    if action == "restart":
        async with intake.database.transaction() as tx:
            await draft_store.delete_draft(tx.session, draft_id, visitor.id)
        return Redirect(PATHS[kind], status_code=303)
    uploads = await drafts.read_uploads(form.getall("files", []))
    remove = drafts.file_to_remove(action)
    async with intake.database.transaction() as tx:
        draft = await drafts.save(
            tx, visitor.id, kind, draft_id, answers=_answers(form), uploads=uploads, remove=remove
        )
        if draft.sent_as:
            return await _to_receipt(draft.sent_as, tx.session)
    if request.headers.get("hx-request") == "true":
        return Template("files.html", context={"files": FileField(draft.files, draft.refused, PATHS[kind])})
    return Redirect(
        _after(action, form, kind, draft, intake), status_code=303, cookies=visitor.cookies(intake)
    )


def _after(action: str, form: FormMultiDict, kind: Kind, draft: Kept, intake: Parts) -> str:
    here = f"{PATHS[kind]}?utkast={draft.id}"
    if form.get(_TRAP):
        return f"{here}&felle=true"
    if action == "next":
        wrong = _errors(kind, draft, intake, all_of_them=True)
        return f"{here}&rett=true" if wrong else f"{PATHS[kind]}/kontroller?utkast={draft.id}"
    return f"{here}#files"


@get(_CHECKS, include_in_schema=False)
async def check_page(
    request: AnyRequest, say: Say, intake: Intake, utkast: FromQuery[UUID | None] = None
) -> Template | Redirect:
    """What will be sent, to look over."""
    kind = _kind(request)
    visitor = _Visitor.of(request)
    async with intake.database.transaction() as tx:
        draft = await drafts.find(tx, visitor.id, kind, utkast)
        if draft and draft.sent_as:
            return await _to_receipt(draft.sent_as, tx.session)
    if draft is None:
        return Redirect(f"{PATHS[kind]}?borte=true", status_code=303)
    typed = draft.typed(kind)
    if faults(typed, intake.municipality, contact_needed=True):
        return Redirect(f"{PATHS[kind]}?utkast={draft.id}&rett=true", status_code=303)
    new = checked(typed, intake.municipality, channel=Channel.WEB, language=say.language, contact_needed=True)
    return Template(
        "check.html",
        context={
            "kind": kind,
            "path": PATHS[kind],
            "draft": draft,
            "new": new,
            "topic": intake.topic_name(new.topic, say.language),
            "area": intake.area_name(new.area),
            "has_areas": bool(intake.municipality.areas),
            "promise": intake.promises.to(new, intake.clock()),
        },
    )


@post(_CHECKS, include_in_schema=False, status_code=200)
async def send(request: AnyRequest, say: Say, intake: Intake) -> Redirect:
    """Sends it, once: a double click, a reload or a way back and forth leads to the same receipt."""
    kind = _kind(request)
    visitor = _Visitor.of(request)
    draft_id = drafts.uuid_in((await request.form()).get("utkast"))
    async with intake.database.transaction() as tx:
        draft = await drafts.find(tx, visitor.id, kind, draft_id) if draft_id else None
        if draft and draft.sent_as:
            return await _to_receipt(draft.sent_as, tx.session)
    if draft is None:
        return Redirect(f"{PATHS[kind]}?borte=true", status_code=303)
    typed = draft.typed(kind)
    if faults(typed, intake.municipality, contact_needed=True):
        return Redirect(f"{PATHS[kind]}?utkast={draft.id}&rett=true", status_code=303)
    new = checked(typed, intake.municipality, channel=Channel.WEB, language=say.language, contact_needed=True)
    accepted = await intake.acceptor.accept(new, key=drafts.key_of(draft.id), draft_id=draft.id)
    return Redirect(f"/kvittering/{accepted.secret}", status_code=303)


def _kind(request: AnyRequest) -> Kind:
    return _KINDS[f"/{request.url.path.split('/')[1]}"]


def _answers(form: FormMultiDict) -> dict[str, str]:
    return {field: str(form.get(field, "")) for field in drafts.FIELDS}


def _errors(
    kind: Kind, draft: Kept, intake: Parts, *, all_of_them: bool, trapped: bool = False
) -> dict[str, Message]:
    """What is wrong, in the order of the form; without `all_of_them` only with the files just sent."""
    found: dict[str, Message] = {"nettsted": Message("form.error.trap")} if trapped else {}
    typed_wrong = faults(draft.typed(kind), intake.municipality, contact_needed=True) if all_of_them else {}
    for field in ("topic", "area", "text", "files", "reply_wanted", "name", "email", "phone"):
        if field == "files" and draft.refused:
            found[field] = draft.refused[0].message
        elif field in typed_wrong:
            found[field] = typed_wrong[field]
    return found


def _form(kind: Kind, draft: Kept, intake: Parts, language: str) -> dict[str, Any]:
    topics = intake.municipality.topics.values()
    return {
        "kind": kind,
        "path": PATHS[kind],
        "draft": draft,
        "topics": [
            (topic.id, topic.name(language), " ".join(_words_of(topic, language))) for topic in topics
        ],
        "areas": [(area.id, area.name) for area in intake.municipality.areas.values()],
        "most_characters": MOST_CHARACTERS,
        "files": FileField(draft.files, draft.refused, PATHS[kind]),
        "trap": _TRAP,
    }


def _words_of(topic: Topic, language: str) -> tuple[str, ...]:
    """What the search field finds a topic by: residents write as they speak, whatever the page is in."""
    words = {**dict.fromkeys(topic.keywords.nb), **dict.fromkeys(topic.keywords.nn)}
    return (*words, *(topic.keywords.en if language == "en" else ()))


async def _to_receipt(submission_id: UUID, session: AsyncSession) -> Redirect:
    sent = await store.submission(session, submission_id)
    return Redirect(f"/kvittering/{sent.secret}" if sent else "/", status_code=303)


def form_pages() -> list[HTTPRouteHandler]:
    """The routes of the form."""
    return [front_page, form_page, keep_form, check_page, send]
