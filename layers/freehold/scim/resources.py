"""People and groups in the words of SCIM (RFC 7643): which attributes there are, and how a row becomes a resource.

What a directory sends beyond these attributes is ignored, as §2.1 allows, and so are its extensions.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import scim2_models
from pydantic import Field, ValidationError
from scim2_models import (
    CaseExact,
    ComplexAttribute,
    Context,
    InvalidSyntaxException,
    InvalidValueException,
    Meta,
    Mutability,
    Reference,
    Required,
    Resource,
    ResponseParameters,
    ScimPolicy,
    Uniqueness,
)

from freehold.fields import visible
from freehold.groups.models import GroupRow
from freehold.scim.models import UserRow, Wanted
from freehold.wording import worded

LENIENT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
LONGEST = 256  # characters
MOST_EMAILS = 20


class Name(ComplexAttribute):
    """What they are called, in parts."""

    given_name: str | None = None
    family_name: str | None = None


class Email(ComplexAttribute):
    """An address."""

    value: str | None = None
    type: scim2_models.Email.Type | None = None
    primary: bool | None = None


class Membership(ComplexAttribute):
    """A group that they are in."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[Any]):
    """A member."""

    __schema__ = scim2_models.User.__schema__

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    active: Annotated[bool | None, Required.true] = None
    """Always there; whoever does not say so makes somebody who is."""
    emails: list[Email] | None = None
    groups: Annotated[list[Membership] | None, Mutability.read_only] = None


class GroupMember(ComplexAttribute):
    """Somebody in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group."""

    __schema__ = scim2_models.Group.__schema__

    display_name: Annotated[str | None, Required.true] = None
    members: list[GroupMember] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource as it is sent; `etag` is of all of it, whatever part was asked for."""

    document: dict[str, Any]
    etag: str

    @property
    def location(self) -> str:
        """Where it is."""
        return str(self.document["meta"]["location"])


def user(row: UserRow, base: str) -> User:
    """The person of a row; `base` is the address of /scim/v2."""
    name = Name(given_name=row.given_name, family_name=row.family_name)
    return User(
        id=str(row.id),
        external_id=row.external_id,
        meta=_meta("User", f"{base}/Users/{row.id}", row),
        user_name=row.user_name,
        name=name if row.given_name or row.family_name else None,
        display_name=row.display_name,
        active=row.active,
        emails=[Email.model_validate(email) for email in row.emails] or None,
        groups=[
            Membership(value=group["value"], ref=f"{base}/Groups/{group['value']}", display=group["display"])
            for group in row.groups
        ]
        or None,
    )


def group(row: GroupRow, base: str) -> Group:
    """The group of a row."""
    return Group(
        id=str(row.id),
        external_id=row.external_id,
        meta=_meta("Group", f"{base}/Groups/{row.id}", row),
        display_name=row.display_name,
        members=[GroupMember(value=str(one), ref=f"{base}/Users/{one}", type="User") for one in row.members] or None,
    )


def show(resource: Resource[Any], parameters: ResponseParameters[Any] | None = None) -> Shown:
    """The resource as it is sent, as far as it was asked for."""
    whole = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    etag = f'"{hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:16]}"'
    if resource.meta is not None:
        resource.meta.version = etag
        whole["meta"]["version"] = etag
    if parameters is None:
        return Shown(whole, etag)
    part = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters)
    return Shown({**part, "meta": whole["meta"]} if "meta" in part else part, etag)


def read[R: Resource[Any]](kind: type[R], document: Mapping[str, Any]) -> R:
    """The resource that a request describes whole. Raises InvalidSyntaxException, InvalidValueException."""
    described = {**document, "schemas": [str(kind.__schema__)]}
    if kind is User and not any(name.lower() == "active" for name in document):
        described["active"] = True
    try:
        return kind.model_validate(described, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=LENIENT)
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> InvalidSyntaxException | InvalidValueException:
    """What is wrong with a request, in a sentence that does not repeat its values."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))[:100] or "the request"
    kind = InvalidSyntaxException if first["type"] in {"model_type", "dict_type"} else InvalidValueException
    return kind(detail=f"{where}: {worded(first)}.")


def wanted(person: User) -> Wanted:
    """What is kept of a person. Raises InvalidValueException for what nobody is called."""
    emails = [_email(email) for email in person.emails or () if email.value]
    if len(emails) > MOST_EMAILS:
        raise InvalidValueException(detail=f"A person has at most {MOST_EMAILS} e-mail addresses.")
    user_name = _text("userName", person.user_name)
    if user_name is None:
        raise InvalidValueException(detail="A person has a userName.")
    name = person.name or Name()
    return Wanted(
        user_name=user_name,
        external_id=_text("externalId", person.external_id),
        given_name=_text("name.givenName", name.given_name),
        family_name=_text("name.familyName", name.family_name),
        display_name=_text("displayName", person.display_name),
        emails=emails,
        email=_address(emails, user_name),
        active=person.active is not False,
    )


def named(person: Wanted) -> Wanted:
    """The same; who is described whole, without a name to show, is shown by the parts of theirs."""
    parts = " ".join(part for part in (person.given_name, person.family_name) if part)
    return person.model_copy(update={"display_name": person.display_name or parts or None})


def group_name(wanted_group: Group) -> tuple[str, str | None]:
    """What a group is called, and its external id."""
    name = _text("displayName", wanted_group.display_name)
    if name is None:
        raise InvalidValueException(detail="A group has a displayName.")
    return name, _text("externalId", wanted_group.external_id)


def _meta(kind: str, location: str, row: UserRow | GroupRow) -> Meta:
    return Meta(resource_type=kind, created=row.created_at, last_modified=row.updated_at, location=location)


def _email(email: Email) -> dict[str, Any]:
    value = _text("emails.value", email.value) or ""
    if "@" not in value.strip("@"):
        raise InvalidValueException(detail="emails.value: this is no e-mail address.")
    kind = _text("emails.type", email.type and str(email.type))
    known = {"value": value, "type": kind, "primary": email.primary}
    return {name: given for name, given in known.items() if given is not None}


def _address(emails: list[dict[str, Any]], user_name: str) -> str | None:
    """The primary one, else that of work, else the first; else the userName where that is one."""
    first = sorted(emails, key=lambda email: (email.get("primary") is not True, email.get("type") != "work"))
    return str(first[0]["value"]) if first else user_name if "@" in user_name.strip("@") else None


def _text(name: str, text: str | None) -> str | None:
    """None for an empty one. Raises InvalidValueException for one that is too long or cannot be seen."""
    text = (text or "").strip()
    if len(text) > LONGEST:
        raise InvalidValueException(detail=f"{name}: it has more than {LONGEST} characters.")
    try:
        return visible(text) or None
    except ValueError as error:
        raise InvalidValueException(detail=f"{name}: {error}.") from error
