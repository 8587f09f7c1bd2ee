"""Functions and procedures, as the catalog describes them, and how each is called."""

from collections.abc import Sequence

import psycopg
from pydantic import BaseModel, ConfigDict

from proof.database.shape import OURS, Typed

_FUNCTIONS = f"""
    select coalesce(json_agg(json_build_object(
               'name', format('%%I.%%I', n.nspname, p.proname),
               'signature', format('%%I.%%I(%%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)),
               'returns', pg_get_function_result(p.oid),
               'is_procedure', p.prokind = 'p',
               'arguments', (select coalesce(json_agg(json_build_object(
                                 'name', coalesce(p.proargnames[a.place], ''), 'type', format_type(t.oid, null),
                                 'base', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null),
                                 'is_array', t.typcategory = 'A', 'element', format_type(coalesce(e.oid, t.oid), null),
                                 'labels', array(select enumlabel from pg_enum where enumtypid = coalesce(e.oid, t.oid)
                                                  order by enumsortorder)) order by a.place), '[]')
                               from unnest(p.proargtypes::oid[]) with ordinality a (type, place)
                               join pg_type t on t.oid = a.type
                               left join pg_type e on e.oid = nullif(t.typelem, 0) and t.typcategory = 'A'))
               order by n.nspname, p.proname, p.oid), '[]')
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where {OURS} and p.prokind in ('f', 'p') and p.prorettype <> 'trigger'::regtype
       and has_schema_privilege(%(role)s, n.oid, 'usage') and has_function_privilege(%(role)s, p.oid, 'execute')
"""


class Function(BaseModel):
    """A function or a procedure."""

    model_config = ConfigDict(frozen=True)

    name: str
    signature: str
    returns: str | None
    """As SQL declares it; a procedure returns nothing."""
    is_procedure: bool
    arguments: tuple[Typed, ...]

    def call(self, values: Sequence[str | None]) -> str:
        """It, with these arguments."""
        given = (_literal(value, argument.type) for value, argument in zip(values, self.arguments, strict=True))
        return f"{'call' if self.is_procedure else 'select * from'} {self.name}({', '.join(given)})"


def callable_by(connection: psycopg.Connection, role: str) -> list[Function]:
    """Whatever the role may execute."""
    row = connection.execute(_FUNCTIONS.encode(), {"role": role}).fetchone()
    return [Function.model_validate(found) for found in (row[0] if row else [])]


def _literal(value: str | None, kind: str) -> str:
    return f"null::{kind}" if value is None else f"'{value.replace("'", "''")}'::{kind}"
