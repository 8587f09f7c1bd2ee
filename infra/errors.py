"""The one error of this package."""


class SynthesisError(Exception):
    """Its message is a sentence that says what to do; `app.py` prints it without a traceback."""
