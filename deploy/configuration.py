"""What the embedded stack must know of a municipality before it starts: its id, and that it is free of faults.

    python -m deploy.configuration FOLDER

prints it as JSON. A process of its own, so that the supervisor, which stays, need not load what reads it.
"""

import json
import subprocess
import sys
from pathlib import Path

from deploy.errors import FaultyMunicipalityError


def municipality_id(folder: Path) -> str:
    """The id that events carry. Raises FaultyMunicipalityError."""
    command = (sys.executable, "-m", "deploy.configuration", str(folder))
    checkout = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode != 0:
        last_words = done.stderr.strip().rpartition("\n")[2]
        raise FaultyMunicipalityError(folder, [last_words or "it could not be read"])
    told = json.loads(done.stdout)
    if told["faults"]:
        raise FaultyMunicipalityError(folder, told["faults"])
    return str(told["id"])


def main() -> None:
    """Reads the folder named on the command line."""
    from shared import municipality

    folder = Path(sys.argv[1])
    faults = [str(fault) for fault in municipality.check(folder)]
    print(json.dumps({"id": None if faults else municipality.load(folder).id, "faults": faults}))


if __name__ == "__main__":
    main()
