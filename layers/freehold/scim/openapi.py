"""SCIM's documents in the words of OpenAPI. What each attribute means is in GET /scim/v2/Schemas."""

from typing import Any

type Schema = dict[str, Any]

MEDIA_TYPE = "application/scim+json"
CORE = "urn:ietf:params:scim:schemas:core:2.0"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0"
TEXT: Schema = {"type": "string", "maxLength": 256}
OBJECT: Schema = {"type": "object"}
ID: Schema = {"type": "string", "format": "uuid"}


def _document(urn: str, required: list[str], **attributes: Schema) -> Schema:
    schemas = {"type": "array", "items": {"type": "string", "const": urn}}
    return {"type": "object", "required": ["schemas", *required], "properties": {"schemas": schemas} | attributes}


def _object(required: list[str], **attributes: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": attributes}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


EMAIL = _object(
    ["value"],
    value={"type": "string", "format": "email", "maxLength": 256},
    type={"type": "string", "enum": ["work", "home", "other"]},
    primary={"type": "boolean"},
)
USER = _document(
    f"{CORE}:User",
    ["userName"],
    userName={"type": "string", "format": "email", "maxLength": 256, "description": "An address, or any other name"},
    externalId=TEXT,
    name=_object([], givenName=TEXT, familyName=TEXT),
    displayName=TEXT,
    active={"type": "boolean", "default": True},
    emails=_list(EMAIL) | {"maxItems": 20},
)
GROUP = _document(
    f"{CORE}:Group",
    ["displayName"],
    displayName=TEXT,
    externalId=TEXT,
    members=_list(_object(["value"], value=ID)) | {"maxItems": 1000},
)
OPERATION = _object(
    ["op"],
    op={"type": "string", "enum": ["replace", "add", "remove"]},
    path={"type": "string", "examples": ["displayName"]},
    value={"anyOf": [TEXT, {"type": "boolean"}, {"type": "array", "items": {}}, OBJECT]},
)
PATCH = _document(f"{MESSAGES}:PatchOp", ["Operations"], Operations=_list(OPERATION))
RESOURCE = _object(
    ["schemas", "id", "meta"],
    schemas=_list({"type": "string"}),
    id=ID,
    meta=_object([], resourceType=TEXT, location={"type": "string", "format": "uri"}, version=TEXT),
)
PAGE = _document(
    f"{MESSAGES}:ListResponse",
    ["totalResults", "Resources"],
    totalResults={"type": "integer"},
    startIndex={"type": "integer"},
    itemsPerPage={"type": "integer"},
    Resources=_list(OBJECT),
)
ERROR = _document(
    f"{MESSAGES}:Error",
    ["status", "detail"],
    status={"type": "string", "examples": ["404"]},
    detail={"type": "string"},
    scimType={"type": "string", "examples": ["uniqueness"]},
)


def takes(document: Schema) -> dict[str, Any]:
    """Of an operation that takes this as its body."""
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": document}}}}


def gives(document: Schema, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Of an operation that answers with this."""
    return {status: {"description": "Successful Response", "content": {MEDIA_TYPE: {"schema": document}}}}


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": ERROR}}}
    for status, said in (
        ("4XX", "The request was refused; `scimType` and `detail` say why."),
        ("5XX", "It failed on our side; `detail` says whether to try again."),
    )
}
