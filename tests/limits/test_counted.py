"""Each limit that the plans name is held by something: a meter, or a table that counts for it."""

import psycopg

from product.plans import PLANS


def test_every_limit_is_counted(superuser: str):
    with psycopg.connect(superuser) as connection:
        counted = {key for (key,) in connection.execute("select key from app.limited_tables").fetchall()}
    assert {key for key, limit in PLANS.limits.items() if limit.meter is None} <= counted
    assert counted <= PLANS.limits.keys(), "a table counts for a limit that no plan names"
