"""A message to a resident as an SMS: what happened, and the link."""

from services.notify.letters import Letters
from services.notify.matters import Addressee, Matter
from services.notify.messages import MessageKind
from services.notify.sms_text import LONGEST, plain, septets
from services.notify.variants import variant

_VARIANTS = {
    (MessageKind.RECEIPT, "promised"): "sms.receipt.promised",
    (MessageKind.RECEIPT, "wanted"): "sms.receipt.wanted",
    (MessageKind.RECEIPT, ""): "sms.receipt.thanks",
    (MessageKind.INTERIM_ANSWER, "expected"): "sms.interim_answer.expected",
    (MessageKind.INTERIM_ANSWER, ""): "sms.interim_answer",
    (MessageKind.ANSWER, ""): "sms.answer",
    (MessageKind.ANSWER, "again"): "sms.answer.again",
    (MessageKind.DELAY, ""): "sms.delay",
    (MessageKind.DELAYED, ""): "sms.delayed",
    (MessageKind.QUESTION, ""): "sms.question",
    (MessageKind.WAIT_ENDED, ""): "sms.wait_ended",
    (MessageKind.WAIT_ENDED, "promised"): "sms.wait_ended.promised",
    (MessageKind.EXTENDED, ""): "sms.extended",
    (MessageKind.RESTARTED, ""): "sms.restarted",
    (MessageKind.RESTARTED, "promised"): "sms.restarted.promised",
    (MessageKind.RECLASSIFIED, ""): "sms.reclassified",
    (MessageKind.RECLASSIFIED, "promised"): "sms.reclassified.promised",
    (MessageKind.REOPENED, ""): "sms.reopened",
    (MessageKind.REOPENED, "promised"): "sms.reopened.promised",
    (MessageKind.MERGED, ""): "sms.merged",
    (MessageKind.RECOMPUTED, ""): "sms.recomputed",
}
"""Which text each message to a resident has, by what is known."""


class TooLongError(ValueError):
    """Not even without its words does the link fit in what an SMS may be."""

    def __init__(self, length: int) -> None:
        super().__init__(f"the link alone takes {length} septets")


class ShortMessages:
    """Writes text messages with the words of the letters: the same days, units and kinds."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def text(self, matter: Matter, addressee: Addressee) -> str:
        """The whole text. Where a name makes it too long for two parts its words are cut, never the link."""
        say = self._letters.wording(addressee.language)
        words = self._letters.words(matter, say)
        said = plain(say.text(_VARIANTS[variant(matter)], **words, municipality=self._letters.short_name))
        link = plain(addressee.link)
        room = LONGEST - septets(link) - 1
        if room < 0:
            raise TooLongError(septets(link))
        while septets(said) > room:
            said = said[:-1]
        return f"{said} {link}"
