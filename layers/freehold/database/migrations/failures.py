"""Why a run of the migrations ended early, each said in a sentence."""


class MigrationChanged(Exception):
    """A migration was edited after it ran. Put it back as it was and write a new one."""


class MigrationFailed(Exception):
    """A migration could not be applied; its text says what of it was. Mend it and run it again."""


class UnknownPhase(Exception):
    """A phase was asked for that does not exist."""


class MigrationMisnamed(Exception):
    """A migration's name says neither its place nor its phase."""


class MigrationMalformed(Exception):
    """A migration's steps are not what they have to be."""
