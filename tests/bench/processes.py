"""Running one step in a fresh process, so that its time and its memory are its own.

python -m tests.bench.processes MODULE FUNCTION JSON prints the JSON that the function gives.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import Any


class StepFailedError(RuntimeError):
    """A step ended without figures; the message says why."""


def in_fresh_process(module: str, function: str, **arguments: object) -> dict[str, Any]:
    """What `tests.bench.<module>.<function>(**arguments)` gives there; its stderr is passed on."""
    command = [sys.executable, "-m", "tests.bench.processes", module, function, json.dumps(arguments)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    if ran.returncode:
        raise StepFailedError(f"{module}.{function} ended with status {ran.returncode}; its last words stand above")
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Run the step that the command line names."""
    module, function, arguments = sys.argv[1:]
    step = getattr(importlib.import_module(f"tests.bench.{module}"), function)
    # Libraries print what they like; only the figures may reach the reader.
    figures, sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8"), sys.stderr
    os.dup2(2, 1)
    figures.write(json.dumps(step(**json.loads(arguments))) + "\n")
    figures.flush()


if __name__ == "__main__":
    main()
