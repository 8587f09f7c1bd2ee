"""Invokes each function with each of its example events, as `make invoke` does one; the last line is the answers."""

import json
import sys

from functions.manifest import FUNCTIONS
from local.invoke import introduce, invoke, read_event, require_route
from local.project import ROOT


def main():
    """By folder and example; an exception ends it."""
    answers = {}
    for path in sorted((ROOT / "events").glob("*/*.json")):
        function = next(function for function in FUNCTIONS if function.code == path.parent.name)
        if function.on_deploy == "checks":  # asks CodeDeploy, which is not here
            continue
        event = read_event(function.code, str(path))
        require_route(function, event)
        introduce(event)
        answers[f"{path.parent.name}/{path.stem}"] = invoke(function, event)
    sys.stdout.write(f"\n{json.dumps(answers)}\n")


if __name__ == "__main__":
    main()
