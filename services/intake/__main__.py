"""`python -m services.intake`: the service until it is told to stop."""

from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from shared.service import serve

if __name__ == "__main__":
    serve("intake", IntakeSettings, create_app)
