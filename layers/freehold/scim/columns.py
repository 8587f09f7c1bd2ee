"""The columns of people and groups, as they are read, filtered and sorted by.

`m` is a member, `g` a group, and `%(tenant_id)s` whose they are.
"""

import json
from collections.abc import Mapping
from typing import Any, LiteralString

from freehold.groups.columns import CONFERRED, HELD
from freehold.scim.conditions import Column
from freehold.scim.models import Listing, Wanted

ACTIVE: LiteralString = "status in ('active', 'suspended')"
EMAILS: LiteralString = """coalesce(emails, case when email is null then '[]'::jsonb else
    jsonb_build_array(jsonb_build_object('value', email, 'type', 'work', 'primary', true)) end)"""
PERSON: LiteralString = f"""
    id, coalesce(user_name, email, id::text) as user_name, external_id, given_name, family_name, name as display_name,
    {EMAILS} as emails, email, {ACTIVE} as active, created_at, updated_at"""
"""What a directory calls a member whom it has not named yet, is their address."""
USER: LiteralString = f"""{PERSON}, {CONFERRED} <@ {HELD} as within, coalesce((
    select jsonb_agg(jsonb_build_object('value', g.id, 'display', g.display_name) order by g.id)
      from app.group_members gm join app.groups g on g.tenant_id = gm.tenant_id and g.id = gm.group_id
     where gm.tenant_id = m.tenant_id and gm.member_id = m.id), '[]') as groups"""  # noqa: S608 (literals of these modules)
MINE: LiteralString = """(select t.id from app.scim_tokens t
    where t.tenant_id = %(tenant_id)s and 'scim:' || t.id = current_setting('app.principal'))"""
SELECTED: LiteralString = f"exists (select from jsonb_array_elements({EMAILS}) e(item) where {{test}})"
USER_COLUMNS: Mapping[str, Column] = {
    "id": Column(sql="m.id::text", exact=True),
    "externalid": Column(sql="external_id", exact=True),
    "username": Column(sql="lower(coalesce(user_name, email))"),
    "displayname": Column(sql="lower(name)"),
    "name.givenname": Column(sql="lower(given_name)"),
    "name.familyname": Column(sql="lower(family_name)"),
    "emails.value": Column(
        sql="lower(item ->> 'value')", inside=SELECTED, kind=" and lower(item ->> 'type') = lower({value}::text)"
    ),
    "active": Column(sql=f"({ACTIVE})", truth=True),
}
GROUP_COLUMNS: Mapping[str, Column] = {
    "id": Column(sql="g.id::text", exact=True),
    "externalid": Column(sql="external_id", exact=True),
    "displayname": Column(sql="lower(display_name)"),
    "members.value": Column(
        sql="gm.member_id::text",
        exact=True,
        inside="exists (select from app.group_members gm"
        " where gm.tenant_id = g.tenant_id and gm.group_id = g.id and {test})",
    ),
}
ORDERS: Mapping[str, LiteralString] = {
    "id": "id",
    "username": "lower(coalesce(user_name, email))",
    "externalid": "external_id",
    "name.givenname": "lower(given_name)",
    "name.familyname": "lower(family_name)",
    "meta.created": "created_at",
    "meta.lastmodified": "updated_at",
}
USER_ORDERS: Mapping[str, LiteralString] = {**ORDERS, "displayname": "lower(name)"}
GROUP_ORDERS: Mapping[str, LiteralString] = {
    **{name: ORDERS[name] for name in ("id", "externalid", "meta.created", "meta.lastmodified")},
    "displayname": "lower(display_name)",
}
GROUP_FILTERS = frozenset(GROUP_COLUMNS)
USER_FILTERS = frozenset(USER_COLUMNS)


def order_of(orders: Mapping[str, LiteralString], listing: Listing) -> LiteralString:
    """How a page is sorted; by id where two are the same."""
    direction: LiteralString = " desc" if listing.descending else ""
    return orders[listing.sort_by] + direction + " nulls last, id" + direction


def params_of(wanted: Wanted) -> dict[str, Any]:
    """What is kept of a person, as parameters."""
    return {**wanted.model_dump(exclude={"emails"}), "emails": json.dumps(wanted.emails)}
