"""The control: the tenant as a setting of the session, as if the connection were one's own. It has to leak."""

import random
from collections.abc import Sequence

import psycopg

from proof.pooling.batch import Batch
from proof.pooling.insiders import Insider
from proof.pooling.statements import TABLES, names_sql


class Tutorial:
    """A client that sets its tenant, then asks."""

    def __init__(self, where: str, insiders: Sequence[Insider], chance: random.Random) -> None:
        self._connection = psycopg.connect(where, autocommit=True, prepare_threshold=None)
        self._insiders, self._chance = insiders, chance

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def once(self, batch: Batch) -> None:
        """A setting, then a question that relies on it."""
        insider = self._chance.choice(self._insiders)
        batch.units["setting, then question"] += 1
        self._connection.execute("select set_config('app.tenant_id', %s, false)", [str(insider.tenant_id)])
        row = self._connection.execute(names_sql(self._chance.choice(TABLES)).encode()).fetchone()
        batch.saw("a setting for the session", insider, row[0] if row else [])
