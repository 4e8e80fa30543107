"""Values that people enter because no system has them, each with its source and date."""

from services.metrics.manual.standing import Held, manual_values
from services.metrics.manual.store import ManualValue, Scope, ScopeKind

__all__ = ["Held", "ManualValue", "Scope", "ScopeKind", "manual_values"]
