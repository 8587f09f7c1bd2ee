"""What a deploy does to a cell: the schema first, then the plans, before any new code answers."""

from freehold.billing.publishing import digest_of, document_of, overrides_of
from freehold.database.migrations.deployment import bring_up_to_date, put_into_force
from freehold.database.migrations.files import Phase
from product.plans import PLANS


def migrated(phase: Phase) -> list[str]:
    """The names of the migrations that were applied. Raises what the runner raises."""
    applied = bring_up_to_date(phase)
    if phase != "post":
        document, overrides = document_of(PLANS), overrides_of(PLANS)
        put_into_force(document, overrides, digest_of(document, overrides))
    return applied
