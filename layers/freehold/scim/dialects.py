"""PATCH requests as directories really send them, brought to the operations that RFC 7644 §3.5.2 describes.

Microsoft Entra sends `Add` and `"False"`, dotted keys without a path, and removes members by a value where the standard
wants a filter; Okta sends whole objects without a path, their id included. Taken literally, some of it empties a group.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scim2_models import InvalidPathException, InvalidSyntaxException, InvalidValueException, PayloadTooLargeException

MOST_OPERATIONS = 100
LONGEST_PATH = 500  # characters
CORES = ("urn:ietf:params:scim:schemas:core:2.0:user", "urn:ietf:params:scim:schemas:core:2.0:group")
OURS_ALONE = ("schemas", "id", "meta", "groups")
"""What comes along in a whole object and is not the directory's to say."""

type Operation = dict[str, Any]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """The operations of a PATCH, each with a path. Raises InvalidSyntaxException and its like with a sentence."""
    given = next((value for name, value in document.items() if name.lower() == "operations"), None)
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise InvalidSyntaxException(detail="A PATCH has a list of Operations, at least one.")
    if len(given) > MOST_OPERATIONS:
        raise PayloadTooLargeException(
            detail=f"A PATCH has at most {MOST_OPERATIONS} operations: send the others in further requests."
        )
    return [plain for each in given for plain in _plain(each)]


def _plain(given: Mapping[str, Any]) -> Iterator[Operation]:
    verb, path, value = str(given.get("op", "")).lower(), given.get("path"), given.get("value")
    if path is not None and not isinstance(path, str):
        raise InvalidPathException(detail="A path is a text.")
    if path and len(path) > LONGEST_PATH:
        raise InvalidPathException(detail=f"A path has at most {LONGEST_PATH} characters.")
    if path:
        yield from _at(verb, path, value, sent="value" in given)
    elif verb == "remove" or not isinstance(value, dict):
        raise InvalidValueException(detail="An operation without a path has an object as its value.")
    else:
        for name, part in value.items():
            yield from _at(verb, str(name), part, sent=True)


def _at(verb: str, path: str, value: Any, *, sent: bool) -> Iterator[Operation]:  # noqa: ANN401 (JSON)
    """Nothing for an attribute that we do not know: extensions, and what is ours alone."""
    schema, _, attribute = path.rpartition(":")
    if path.lower() in CORES and isinstance(value, dict):
        for name, part in value.items():
            yield from _at(verb, str(name), part, sent=True)
    elif schema and schema.lower() not in CORES:
        return
    elif attribute.lower() not in OURS_ALONE and not (verb == "add" and value in (None, "")):
        operation = {"op": verb, "path": attribute}
        yield {**operation, "value": _value(value)} if (sent and verb != "remove") or value is not None else operation


def _value(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """An empty text is nothing, and what stands alone in a list of one object is meant by itself."""
    if value == "":
        return None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) and value[0].keys() == {"value"}:
        return value[0]["value"] if isinstance(value[0]["value"], bool) or _is_truth(value[0]["value"]) else value
    return value


def _is_truth(value: Any) -> bool:  # noqa: ANN401 (JSON)
    return isinstance(value, str) and value.lower() in {"true", "false"}
