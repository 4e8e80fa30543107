"""Clicks that lead to another page: what comes after them is on that page, never on the one that was left.

A click returns before the server has answered. What is done next, in this page, in another or in the database, may
then come first, and leaving the page takes back what was sent.
"""

from playwright.sync_api import Locator, Page


def follow(page: Page, what: Locator) -> None:
    """Click a link or a button, and be on the page that it leads to, which is there in full."""
    with page.expect_navigation():
        what.click()


def press(page: Page, button: str) -> None:
    """The same by the words on a button."""
    follow(page, page.get_by_role("button", name=button, exact=True))
