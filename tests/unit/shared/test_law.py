"""The law's deadlines: which of them an enquiry or an appeal stands under, until when, and in which words."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import municipality
from shared.clock import OSLO, NaiveInstantError, oslo_day
from shared.events import Channel, Kind
from shared.law import (
    LEGAL_CALENDAR,
    Enquiry,
    Law,
    Standing,
    clocks,
    run,
    standing,
)
from shared.law_in_words import Done, explain_clock, legal_clocks, legal_words
from shared.workdays import CalendarEndsError

TODAYS = Law.standing(access_topics=["innsyn"])
COMING = Law.standing(fvl2025_from=date(2028, 1, 1), access_topics=["innsyn"])
ELECTRONIC = {Channel.WEB, Channel.API, Channel.EMAIL}
LANGUAGES = ("nb", "nn", "en")


def at(text: str) -> datetime:
    """An instant, written as the clock in Norway shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


def under(law: Law, enquiry: Enquiry) -> list[tuple[str, str]]:
    """The deadlines something stands under, with their days."""
    return [(clock.deadline.id, clock.due_on.isoformat()) for clock in clocks(enquiry, law)]


def submission(
    law: Law,
    received: str,
    kind: Kind,
    topic: str | None = None,
    channel: Channel = Channel.WEB,
    *,
    reply_wanted: bool = True,
) -> list[tuple[str, str]]:
    """The deadlines that a submission stands under, with their days."""
    return under(law, law.enquiry(at(received), kind, topic, channel, reply_wanted=reply_wanted))


@pytest.mark.parametrize(
    ("kind", "topic", "channel", "reply_wanted", "expected"),
    [
        # The month of fvl. § 11 a is for decisions: today's kinds stand under it no more than praise does.
        (Kind.PRAISE, None, Channel.WEB, False, []),
        (Kind.PRAISE, "innsyn", Channel.WEB, True, []),
        (Kind.COMPLAINT, "vei", Channel.WEB, True, []),
        (Kind.COMPLAINT, "innsyn", Channel.WEB, True, []),
        (Kind.QUESTION, "vei", Channel.LETTER, True, []),
        (Kind.QUESTION, None, Channel.EMAIL, True, []),
        # Received on Monday; five working days later, whatever way it came.
        (Kind.QUESTION, "innsyn", Channel.WEB, True, [("offentleglova_access", "2026-11-30")]),
        (Kind.QUESTION, "innsyn", Channel.PHONE, True, [("offentleglova_access", "2026-11-30")]),
        (Kind.QUESTION, "innsyn", Channel.WEB, False, []),
    ],
)
def test_today_only_a_question_about_access_stands_under_a_deadline(
    kind: Kind, topic: str | None, channel: Channel, *, reply_wanted: bool, expected: list[tuple[str, str]]
) -> None:
    """Under the act of 1967, with what residents can send today."""
    assert submission(TODAYS, "2026-11-23T14:03", kind, topic, channel, reply_wanted=reply_wanted) == expected


@pytest.mark.parametrize(
    ("kind", "topic", "channel", "reply_wanted", "expected"),
    [
        (Kind.PRAISE, None, Channel.WEB, False, [("fvl2025_receipt", "2028-01-31")]),
        (Kind.PRAISE, None, Channel.COUNTER, False, []),
        (
            Kind.COMPLAINT,
            "vei",
            Channel.EMAIL,
            True,
            # February ends on the 29th, a Tuesday.
            [("fvl2025_receipt", "2028-01-31"), ("fvl2025_interim", "2028-02-29")],
        ),
        (Kind.COMPLAINT, "vei", Channel.LETTER, True, [("fvl2025_interim", "2028-02-29")]),
        (
            Kind.QUESTION,
            "innsyn",
            Channel.WEB,
            True,
            [
                ("fvl2025_receipt", "2028-01-31"),
                ("offentleglova_access", "2028-02-07"),
                ("fvl2025_interim", "2028-02-29"),
            ],
        ),
    ],
)
def test_under_the_act_of_2025_any_enquiry_has_its_deadlines(
    kind: Kind, topic: str | None, channel: Channel, *, reply_wanted: bool, expected: list[tuple[str, str]]
) -> None:
    """Each for itself, the first to end first."""
    assert submission(COMING, "2028-01-31T14:03", kind, topic, channel, reply_wanted=reply_wanted) == expected


def test_an_appeal_asks_for_a_decision_and_so_for_an_interim_answer_within_a_month() -> None:
    """Of all kinds it alone, under the act of 1967."""
    for kind in Kind:
        owed = [("fvl1967_interim", "2026-12-16")] if kind is Kind.APPEAL else []
        assert submission(TODAYS, "2026-11-16", kind, "byggesak") == owed


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        # 31 January plus a month: the last of February, a Saturday
        ("2026-01-31T10:00", "2026-03-02"),
        # ends on Saturday 26 December, the second day of Christmas
        ("2026-11-26T10:00", "2026-12-28"),
        # 24 December is a working day to the law
        ("2026-11-24T10:00", "2026-12-24"),
        # 17 May that is also Whit Monday
        ("2027-04-17T10:00", "2027-05-18"),
        # half past midnight is yesterday in UTC
        ("2026-06-01T00:30", "2026-07-01"),
    ],
)
def test_an_enquiry_about_a_decision_is_owed_an_interim_answer_within_a_month(
    received: str, due_on: str
) -> None:
    """Under the act of 1967, § 11 a, third paragraph, reckoned by domstolloven."""
    enquiry = Enquiry(at(received), Kind.COMPLAINT, Channel.LETTER, decision=True)
    assert under(TODAYS, enquiry) == [("fvl1967_interim", due_on)]


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        ("2026-12-18T14:03", "2026-12-28"),  # Friday before Christmas: 21, 22, 23, 24 and then 28
        ("2026-11-21T12:00", "2026-11-27"),  # Saturday: the next Monday is the first
        ("2026-03-27T12:00", "2026-04-08"),  # Easter in the middle: 30, 31, 1, then 7 and 8
    ],
)
def test_a_request_for_access_has_five_working_days(received: str, due_on: str) -> None:
    """By the law's calendar, on which 24 December is a working day."""
    assert submission(TODAYS, received, Kind.QUESTION, "innsyn") == [("offentleglova_access", due_on)]


def test_the_new_act_takes_over_at_midnight_in_norway() -> None:
    """What was received the day before stays under the old one."""
    for received, acts in [
        ("2027-12-31T23:59", {"fvl1967", "offentleglova", "pasientrettigheter"}),
        ("2028-01-01T00:00", {"fvl2025", "offentleglova", "pasientrettigheter"}),
    ]:
        assert {pack.id for pack in COMING.in_force(oslo_day(at(received)))} == acts
    assert submission(COMING, "2027-12-31T23:59", Kind.COMPLAINT) == []
    assert submission(COMING, "2028-01-01T00:00", Kind.COMPLAINT)


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.none() | st.dates(date(2026, 1, 1), date(2050, 1, 1))
)
def test_exactly_one_public_administration_act_is_in_force(day: date, fvl2025_from: date | None) -> None:
    """And without a date of force it is always that of 1967."""
    acts = [pack.id for pack in Law.standing(fvl2025_from=fvl2025_from).in_force(day)]
    expected = "fvl2025" if fvl2025_from and fvl2025_from <= day else "fvl1967"
    assert [act for act in acts if act.startswith("fvl")] == [expected]


def test_an_act_of_old_has_no_deadlines_before_its_time() -> None:
    """The Freedom of Information Act came on 1 January 2009."""
    assert submission(TODAYS, "2008-12-31T12:00", Kind.QUESTION, "innsyn") == []
    assert submission(TODAYS, "2009-01-01T12:00", Kind.QUESTION, "innsyn") == [
        ("offentleglova_access", "2009-01-08")
    ]


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2198, 1, 1)),  # noqa: DTZ001 - given its zone below
    kind=st.sampled_from(list(Kind)),
    channel=st.sampled_from(list(Channel)),
    reply_wanted=st.booleans(),
    access=st.booleans(),
    decision=st.booleans(),
)
def test_every_clock_ends_on_a_working_day_after_receipt_unless_it_is_due_at_once(
    moment: datetime, kind: Kind, channel: Channel, *, reply_wanted: bool, access: bool, decision: bool
) -> None:
    """Whatever comes in, and in the order in which they end."""
    received = moment.replace(tzinfo=UTC)
    enquiry = Enquiry(received, kind, channel, reply_wanted, access_request=access, decision=decision)
    found = clocks(enquiry, COMING)
    assert [clock.due_on for clock in found] == sorted(clock.due_on for clock in found)
    assert len({clock.deadline.id for clock in found}) == len(found)
    for clock in found:
        if clock.reckoned is None:
            assert clock.due_on == oslo_day(received)
            assert channel in ELECTRONIC
        else:
            assert LEGAL_CALENDAR.is_working_day(clock.due_on)
            assert clock.due_on > oslo_day(received)
            assert clock.reckoned.steps[-1].day == clock.due_on


@pytest.mark.parametrize(
    ("law", "wanted", "started", "due_on"),
    [
        # Three weeks from the day the notice arrived, a Friday; the year from the decision ends on a Tuesday.
        (TODAYS, "fvl1967_appeal", "2026-11-06T12:00", "2026-11-27"),
        (TODAYS, "fvl1967_appeal_cap", "2026-11-02T10:00", "2027-11-02"),
        # 25 April plus three weeks is a Saturday, and 17 May the Sunday after it.
        (TODAYS, "fvl1967_appeal", "2026-04-25T10:00", "2026-05-18"),
        (COMING, "fvl2025_appeal_electronic", "2028-05-03T09:00", "2028-05-24"),
        (COMING, "fvl2025_appeal", "2028-05-05T12:00", "2028-05-26"),
        (COMING, "fvl2025_appeal_cap", "2028-05-02T10:00", "2029-05-02"),
        # Health services: four weeks.
        (TODAYS, "pasientrettigheter_appeal", "2026-11-06T12:00", "2026-12-04"),
        (COMING, "pasientrettigheter_appeal", "2028-06-01T12:00", "2028-06-29"),
    ],
)
def test_an_appeal_has_its_weeks_and_its_year(law: Law, wanted: str, started: str, due_on: str) -> None:
    """Three weeks, four for health services, and never after a year."""
    in_force = law.in_force(oslo_day(at(started)))
    pack, found = next((pack, one) for pack in in_force for one in pack.deadlines if one.id == wanted)
    assert run(found, pack.id, at(started)).due_on.isoformat() == due_on


@pytest.mark.parametrize(
    ("today", "interim_on", "answered_on", "of_interim", "of_access"),
    [
        ("2028-02-07", None, None, Standing.RUNNING, Standing.RUNNING),
        ("2028-02-08", None, None, Standing.RUNNING, Standing.MISSED),
        ("2028-02-29", None, None, Standing.RUNNING, Standing.MISSED),
        ("2028-03-01", None, None, Standing.MISSED, Standing.MISSED),
        # an interim answer is an interim answer, and no answer
        ("2028-02-08", "2028-02-07", None, Standing.MET, Standing.MISSED),
        ("2028-02-08", None, "2028-02-07", Standing.MET, Standing.MET),
        ("2028-03-08", None, "2028-03-01", Standing.MISSED, Standing.MISSED),
        ("2028-03-08", "2028-02-29", "2028-03-01", Standing.MET, Standing.MISSED),
    ],
)
def test_a_deadline_is_met_by_what_it_asks_for_on_its_last_day_at_the_latest(
    today: str, interim_on: str | None, answered_on: str | None, of_interim: Standing, of_access: Standing
) -> None:
    """Due on 7 February (access) and 29 February (interim answer)."""
    enquiry = COMING.enquiry(at("2028-01-31T14:03"), Kind.QUESTION, "innsyn", Channel.WEB, reply_wanted=True)
    stands = {
        clock.deadline.id: standing(
            clock,
            date.fromisoformat(today),
            interim_on=date.fromisoformat(interim_on) if interim_on else None,
            answered_on=date.fromisoformat(answered_on) if answered_on else None,
        )
        for clock in clocks(enquiry, COMING)
    }
    assert stands == {
        "fvl2025_receipt": Standing.MET,
        "fvl2025_interim": of_interim,
        "offentleglova_access": of_access,
    }


@pytest.mark.parametrize(
    ("language", "title", "first", "last"),
    [
        (
            "nb",
            "Krav om innsyn i dokumenter",
            "Vi fikk henvendelsen fredag 18. desember 2026.",
            "5 arbeidsdager senere er det mandag 28. desember.",
        ),
        (
            "nn",
            "Krav om innsyn i dokument",
            "Vi fekk førespurnaden fredag 18. desember 2026.",
            "5 arbeidsdagar seinare er det måndag 28. desember.",
        ),
        (
            "en",
            "Request for access to documents",
            "We received the enquiry on Friday 18 December 2026.",
            "5 working days later is Monday 28 December.",
        ),
    ],
)
def test_a_clock_is_explained_like_the_promise(language: str, title: str, first: str, last: str) -> None:
    """The same steps in the same words, and where in the law it stands."""
    enquiry = TODAYS.enquiry(at("2026-12-18T14:03"), Kind.QUESTION, "innsyn", Channel.WEB, reply_wanted=True)
    (clock,) = clocks(enquiry, TODAYS)
    words = legal_words(clock.deadline, language)
    steps = explain_clock(clock, language)
    assert words.title == title
    assert "32" in words.paragraph
    assert (steps[0], steps[-1]) == (first, last)


def test_what_is_due_at_once_says_so() -> None:
    """There is nothing to reckon."""
    enquiry = Enquiry(at("2028-01-31T14:03"), Kind.PRAISE, Channel.WEB, reply_wanted=False)
    (clock,) = clocks(enquiry, COMING)
    assert explain_clock(clock, "nb") == [
        "Vi fikk henvendelsen mandag 31. januar 2028.",
        "Loven krever det med en gang, så det er samme dag.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_resident_is_spoken_to_and_each_clock_stands_for_itself(language: str) -> None:
    """Everything a submission can stand under at once, with how it stands today."""
    law = Law.standing(fvl2025_from=date(2028, 1, 1), access_topics=["innsyn"])
    enquiry = law.enquiry(at("2028-01-31T14:03"), Kind.QUESTION, "innsyn", Channel.WEB, reply_wanted=True)
    appeal = Enquiry(at("2026-01-31T14:03"), Kind.APPEAL, Channel.WEB, decision=True)
    done = Done(interim_on=date(2028, 2, 7))
    shown = legal_clocks(clocks(enquiry, law), done, date(2028, 2, 8), language, to_resident=True)
    assert [(str(clock.due_on), clock.standing) for clock in shown] == [
        ("2028-01-31", Standing.MET),
        ("2028-02-07", Standing.MISSED),
        ("2028-02-29", Standing.MET),
    ]
    shown += legal_clocks(clocks(appeal, law), Done(), date(2026, 2, 1), language, to_resident=True)
    you = {"nb": "du ", "nn": "du ", "en": "you "}[language]
    assert all(you in clock.words.asks.lower() for clock in shown)
    assert all(clock.steps for clock in shown)


def test_every_deadline_has_its_words_in_every_language() -> None:
    """Title, paragraph, what it asks for, and what it is counted from."""
    for pack, language in product(COMING.packs, LANGUAGES):
        for wanted in pack.deadlines:
            words = legal_words(wanted, language)
            assert words.title
            assert "§" in words.paragraph or "section" in words.paragraph
            assert words.asks.endswith(".")
            assert explain_clock(run(wanted, pack.id, at("2028-01-31T14:03")), language)


def test_an_instant_without_a_zone_is_refused() -> None:
    """Nobody can tell its day."""
    naive = datetime(2026, 12, 18, 14, 3)  # noqa: DTZ001 - that is what is refused
    with pytest.raises(NaiveInstantError):
        clocks(Enquiry(naive, Kind.QUESTION, Channel.WEB), TODAYS)


def test_a_day_beyond_the_calendar_is_an_error() -> None:
    """Never a silent end."""
    with pytest.raises(CalendarEndsError):
        submission(TODAYS, "2199-12-30T12:00", Kind.QUESTION, "innsyn")


@pytest.mark.parametrize("name", ["asker", "sorum"])
def test_the_shipped_municipalities_know_what_asks_for_access(name: str) -> None:
    """And neither has a day for the act that has none yet."""
    law = municipality.load(name).law
    assert law.access_topics == {"innsyn"}
    assert "fvl2025" not in {pack.id for pack in law.in_force(date(2199, 12, 31))}
