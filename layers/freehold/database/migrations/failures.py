"""Why a run of the migrations ended early, each said in a sentence."""

HINTS = {
    "schema pg_catalog": "Write the schema in front of each name, such as app.milestones.",
    '"app.tenant_id"': "It touches rows of tenants, and none is entered: use app.backfill or app.validate_reference.",
    "no unique constraint matching": "Refer by the whole key: foreign key (tenant_id, …) references app.… .",
}
"""By a part of the database's words, what an author of migrations has most likely to do."""


class MigrationError(Exception):
    """Whatever a run of the migrations can say; each kind is one of these."""


class MigrationChanged(MigrationError):
    """A migration was edited after it ran. Put it back as it was and write a new one."""


class MigrationFailed(MigrationError):
    """A migration could not be applied; its text says what of it was. Mend it and run it again."""


class UnknownPhase(MigrationError):
    """A phase was asked for that does not exist."""


class MigrationMisnamed(MigrationError):
    """A migration's name says neither its place nor its phase."""


class MigrationMalformed(MigrationError):
    """A migration's steps are not what they have to be."""


def hint(error: Exception) -> str:
    """What to do about it, on a line of its own; nothing where nobody knows."""
    return "".join(f"\n{words}" for part, words in HINTS.items() if part in str(error))
