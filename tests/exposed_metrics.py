"""Which Prometheus metrics the services expose: what dashboards and alert rules may name."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Mapping
from functools import cache

from prometheus_client import REGISTRY, Gauge
from prometheus_client.metrics import MetricWrapperBase

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


@cache
def labels_of_metrics() -> Mapping[str, frozenset[str]]:
    """The labels each of our metrics is told by, by its name as Prometheus stores it."""
    return {
        f"{metric.name}{suffix}": frozenset(vars(kept)["_labelnames"])
        for kept in _kept()
        for metric in kept.describe()
        for suffix in _SUFFIXES.get(metric.type, ("",))
    }


@cache
def gauges() -> frozenset[str]:
    """The metrics that tell how something is; counters tell what this process has done."""
    return frozenset(metric.name for kept in _kept() if isinstance(kept, Gauge) for metric in kept.describe())


def _kept() -> list[MetricWrapperBase]:
    exposed_metrics()
    ours = [module for name, module in sys.modules.items() if name.split(".")[0] in {"services", "shared"}]
    return [one for module in ours for one in vars(module).values() if isinstance(one, MetricWrapperBase)]


def metrics_named_in(text: str) -> set[str]:
    """Every metric of ours that a query, a rule or a whole file names."""
    return set(OURS.findall(text))
