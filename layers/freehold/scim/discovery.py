"""What we can do, as a directory asks for it (RFC 7643 §5 to §7)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import scim2_models
from scim2_models import Context, Resource, ResourceType, Schema, ServiceProviderConfig

from freehold.scim.resources import Group, User

LARGEST_PAGE = 100
KINDS: Mapping[str, type[Resource[Any]]] = {"Users": User, "Groups": Group}


def provider(base: str) -> dict[str, Any]:
    """Which parts of the protocol there are."""
    return _written(
        ServiceProviderConfig(
            documentation_uri="https://datatracker.ietf.org/doc/html/rfc7644",
            patch=scim2_models.Patch(supported=True),
            bulk=scim2_models.Bulk(supported=False, max_operations=0, max_payload_size=0),
            filter=scim2_models.Filter(supported=True, max_results=LARGEST_PAGE),
            change_password=scim2_models.ChangePassword(supported=False),
            sort=scim2_models.Sort(supported=True),
            etag=scim2_models.ETag(supported=True),
            authentication_schemes=[
                scim2_models.AuthenticationScheme(
                    type=scim2_models.AuthenticationScheme.Type.oauthbearertoken,
                    name="SCIM token",
                    description="`Authorization: Bearer fh_scim_…`, as an admin of the tenant made it",
                    primary=True,
                )
            ],
            meta=scim2_models.Meta(resource_type="ServiceProviderConfig", location=f"{base}/ServiceProviderConfig"),
        )
    )


def resource_types(base: str) -> dict[str, dict[str, Any]]:
    """Users and groups, by their name."""
    return {
        kind.__name__: _written(
            ResourceType(
                id=kind.__name__,
                name=kind.__name__,
                endpoint=f"/{endpoint}",
                schema_=kind.__schema__,
                meta=scim2_models.Meta(resource_type="ResourceType", location=f"{base}/ResourceTypes/{kind.__name__}"),
            )
        )
        for endpoint, kind in KINDS.items()
    }


def schemas(base: str) -> dict[str, dict[str, Any]]:
    """What each kind of resource is made of, by its URN."""
    return {
        urn: {**schema, "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"}}
        for urn, schema in _schemas().items()
    }


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    kinds: tuple[type[Resource[Any]], ...] = (User, Group, ResourceType, Schema, ServiceProviderConfig)
    return {str(kind.__schema__): _written(kind.to_schema()) for kind in kinds}


def _written(resource: scim2_models.Resource[Any]) -> dict[str, Any]:
    return resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
