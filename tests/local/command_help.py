"""What a command of `freehold` says of itself, asked in this process: one for each would take two minutes to begin."""

import io
import os
import sys
from contextlib import redirect_stdout
from unittest.mock import patch

from local import commands


def help_of(*words: str) -> str:
    """What `freehold <words> --help` prints; nothing where it exits with an error."""
    printed = io.StringIO()
    with (
        patch.object(sys, "argv", ["freehold", *words, "--help"]),
        patch.dict(os.environ, COLUMNS="80"),
        redirect_stdout(printed),
    ):
        try:
            commands.main()
        except SystemExit as ended:
            return "" if ended.code else printed.getvalue()
    return printed.getvalue()
