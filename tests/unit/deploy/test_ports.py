"""Ports that servers are given."""

import pytest

from deploy import ports
from deploy.errors import BadPortRangeError


def test_ports_are_drawn_from_those_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that two who start stacks at once never draw the same."""
    monkeypatch.setenv(ports.RANGE, "14000-14019")
    drawn = ports.assign(("nats", "postgres", "caddy"), {})
    assert len(set(drawn.values())) == 3
    assert all(14_000 <= port <= 14_019 for port in drawn.values())


@pytest.mark.parametrize("given", ["14000", "a-b", "14019-14000", "0-100", "15000-99999", " 1-2"])
def test_a_range_nothing_can_be_drawn_from_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """With what to write instead."""
    monkeypatch.setenv(ports.RANGE, given)
    with pytest.raises(
        BadPortRangeError, match=f"SVARFRIST_PORTS is '{given}': write two ports from 1 to 65535"
    ):
        ports.assign(("nats",), {})
