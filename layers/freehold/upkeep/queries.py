"""The statements of upkeep. Each deletes a part of what is over; how old that is, the database itself says."""

from freehold.database import Statement

ANSWERS = Statement("select app.forget_answers()", {}, lambda result: int(result.fetchone()[0]))
JOBS = Statement("select app.forget_jobs()", {}, lambda result: int(result.fetchone()[0]))
MAILS = Statement("select app.forget_mails()", {}, lambda result: int(result.fetchone()[0]))
SIGN_UPS = Statement("select app.forget_sign_ups()", {}, lambda result: int(result.fetchone()[0]))
TURNS = Statement("select app.forget_turns()", {}, lambda result: int(result.fetchone()[0]))
USAGE_KEYS = Statement("select app.forget_usage_keys()", {}, lambda result: int(result.fetchone()[0]))

ALL = {
    "answers": ANSWERS,
    "jobs": JOBS,
    "mails": MAILS,
    "sign_ups": SIGN_UPS,
    "turns": TURNS,
    "usage_keys": USAGE_KEYS,
}
"""By what they delete."""
