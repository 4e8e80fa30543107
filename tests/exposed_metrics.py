"""Which Prometheus metrics the services expose: what dashboards and alert rules may name."""

import importlib
import pkgutil
import re
from functools import cache

from prometheus_client import REGISTRY

import services
import shared

OURS = re.compile(r"\bsvarfrist_[a-z0-9_]+")
_SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
}


@cache
def exposed_metrics() -> frozenset[str]:
    """The names as Prometheus stores them, of every module of every service."""
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and not module.name.endswith(("__main__", ".env")):
                importlib.import_module(module.name)
    return frozenset(
        metric.name + suffix
        for metric in REGISTRY.collect()
        for suffix in _SUFFIXES.get(metric.type, ("",))
        if metric.name.startswith("svarfrist_")
    )


def metrics_named_in(text: str) -> set[str]:
    """Every metric of ours that a query, a rule or a whole file names."""
    return set(OURS.findall(text))
