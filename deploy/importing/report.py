"""What became of a file's rows, for people and programs: rows and reasons, never what stands in them."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.errors import StackError
from deploy.importing.cases import REFUSALS, Reason, Remark

SENTENCES: Mapping[Reason, str] = {
    Reason.OTHER_WIDTH: "has more or fewer fields than the header",
    Reason.NO_REFERENCE: "has no reference",
    Reason.REPEATED_REFERENCE: "has a reference that an earlier row has",
    Reason.NO_RECEIVED: "does not say when it was received",
    Reason.BAD_RECEIVED: "when it was received is no time (2022-01-17 11:20 or 17.01.2022 11:20)",
    Reason.RECEIVED_OUTSIDE_YEARS: "was received outside the years 1970 to 2199",
    Reason.BAD_ANSWERED: "when it was answered is no time (2022-01-17 11:20 or 17.01.2022 11:20)",
    Reason.ANSWERED_OUTSIDE_YEARS: "was answered outside the years 1970 to 2199",
    Reason.ANSWERED_BEFORE_RECEIVED: "was answered before it was received",
    Reason.BAD_DUE: "its due day is no day, and was left out: a case without a promise",
    Reason.DUE_OUTSIDE_YEARS: "its due day is outside 1970 to 2199, and was left out: a case without a promise",
    Reason.DUE_BEFORE_RECEIVED: "was due before it was received; the due day was left out: a case without a promise",
    Reason.RECEIVED_OCCURS_TWICE: "was received in an hour that occurs twice: taken as the first of them",
    Reason.RECEIVED_DOES_NOT_EXIST: "was received at a time that does not exist: taken as an hour later",
    Reason.ANSWERED_OCCURS_TWICE: "was answered in an hour that occurs twice: taken as the first of them, or the "
    "second where the first is before the receipt",
    Reason.ANSWERED_DOES_NOT_EXIST: "was answered at a time that does not exist: taken as an hour later",
}
SHOWN_ROWS = 5


class ReportNotWrittenError(StackError):
    """The report's file cannot be written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The report {path} cannot be written ({why}): choose another with --report.")


class ReportFormatError(StackError):
    """The report's file has a name that tells of no format we write."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The report {path} must end in .csv or .json.")


@dataclass
class Report:
    """Counts of rows, and the remarks on them."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    encoding: str = ""
    separator: str = ""
    remarks: list[Remark] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows are no cases."""
        return sum(remark.reason in REFUSALS for remark in self.remarks)

    def by_reason(self) -> dict[Reason, list[Remark]]:
        """In the order of the reasons, those that there are."""
        found = {reason: [one for one in self.remarks if one.reason == reason] for reason in Reason}
        return {reason: remarks for reason, remarks in found.items() if remarks}

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "rows": self.rows,
            "imported": self.new + self.changed,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "encoding": self.encoding,
            "separator": self.separator,
            "reasons": {reason.value: len(remarks) for reason, remarks in self.by_reason().items()},
            "remarks": [_remark(remark) for remark in self.remarks],
        }

    def lines(self) -> Iterable[str]:
        """For people: the counts, then a table of reasons with the first rows of each."""
        how = f", separated by {self.separator!r}" if self.separator else ""
        yield f"{self.rows:,} rows ({self.encoding}{how})"
        yield f"{self.new:,} new, {self.changed:,} changed, {self.unchanged:,} as before, {self.refused:,} refused"
        for title, wanted in (("Refused:", True), ("Kept, but to be known:", False)):
            reasons = {why: found for why, found in self.by_reason().items() if (why in REFUSALS) == wanted}
            if reasons:
                yield title
            for reason, remarks in reasons.items():
                rows = ", ".join(str(remark.row) for remark in remarks[:SHOWN_ROWS])
                more = ", ..." if len(remarks) > SHOWN_ROWS else ""
                yield f"{len(remarks):>8,}  {SENTENCES[reason]}  (row {rows}{more})"

    def write(self, path: Path) -> None:
        """Every remark, as CSV or JSON by the file's name. Raises ReportNotWrittenError."""
        if path.suffix == ".json":
            content = json.dumps(self.document(), indent=1)
        else:
            out = io.StringIO()
            table = csv.DictWriter(out, ["row", "outcome", "reason", "text"], extrasaction="ignore")
            table.writeheader()
            table.writerows(_remark(remark) for remark in self.remarks)
            content = out.getvalue()
        try:
            path.write_text(content, encoding="utf-8", newline="")
        except OSError as error:
            raise ReportNotWrittenError(path, error.strerror or "unknown") from error


def require_format(path: Path) -> None:
    """Raises ReportFormatError, or ReportNotWrittenError, before any work is done."""
    if path.suffix not in {".csv", ".json"}:
        raise ReportFormatError(path)
    if not path.absolute().parent.is_dir():
        raise ReportNotWrittenError(path, "there is no such folder")


def _remark(remark: Remark) -> dict[str, Any]:
    sentence = SENTENCES[remark.reason]
    if remark.first_row:
        sentence += f" (row {remark.first_row})"
    outcome = "refused" if remark.reason in REFUSALS else "kept"
    return {"row": remark.row, "outcome": outcome, "reason": remark.reason.value, "text": sentence}
