"""Mails about reports: a report has been issued, a report wants an explanation."""
