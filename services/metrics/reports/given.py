"""Values that other parts of the service hold of the municipality as a whole."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.reports.model import Figure


async def of_all(session: AsyncSession, on: date) -> Mapping[str, Figure]:
    """By measure, as they stood on a day."""
    return {}
