"""What mail servers send back."""

REPORT = """\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="BOUND"

--BOUND
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example. <kari@innbygger.example> could not be reached.

--BOUND
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 16 Nov 2026 10:00:00 +0100

Final-Recipient: rfc822; kari@innbygger.example
Original-Recipient: rfc822;kari@innbygger.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <kari@innbygger.example>: Recipient address rejected

--BOUND
Content-Type: text/rfc822-headers

From: ikke-svar@asker.example
Subject: Vi har fått klagen din

--BOUND--
"""


def report(to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification as Postfix writes it."""
    return REPORT.format(to=to, action=action, status=status).encode()


def out_of_office(to: str) -> bytes:
    """An automatic answer: no notification."""
    return f"From: kari@innbygger.example\nTo: {to}\nSubject: Ferie\n\nJeg er bortreist.\n".encode()
