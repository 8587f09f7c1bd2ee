"""What is wrong with a value that was sent, in our words instead of pydantic's."""

from collections.abc import Mapping
from typing import Any

A_LIST, AN_OBJECT, TEXT = "It has to be a list", "It has to be an object", "It has to be text"
A_NUMBER, A_WHOLE_NUMBER, A_FLAG = "It has to be a number", "It has to be a whole number", "It has to be true or false"
A_MOMENT = "It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z"
A_DAY, AN_ID = "It has to be a day, like 2027-01-31", "It has to be a UUID"

_BY_TYPE = {
    "missing": "It is missing",
    "extra_forbidden": "There is no such field",
    "json_invalid": "It is not valid JSON",
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), A_LIST),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"), AN_OBJECT),
    **dict.fromkeys(("string_type", "string_unicode", "string_sub_type"), TEXT),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), A_NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), A_WHOLE_NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), A_FLAG),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"), A_MOMENT
    ),
    **dict.fromkeys(("timezone_aware", "timezone_naive", "timezone_offset"), A_MOMENT),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), A_DAY),
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), AN_ID),
    "value_error": "{error}",
    "literal_error": "It has to be {expected}",
    "enum": "It has to be {expected}",
    "none_required": "It has to be null",
    "greater_than": "It has to be more than {gt}",
    "greater_than_equal": "It has to be {ge} or more",
    "less_than": "It has to be less than {lt}",
    "less_than_equal": "It has to be {le} or less",
    "multiple_of": "It has to be a multiple of {multiple_of}",
    "string_too_short": "It has to be at least {min_length} characters long",
    "string_too_long": "It has to be at most {max_length} characters long",
    "string_pattern_mismatch": "It has to match the pattern {pattern}",
    "too_short": "It has to hold {min_length} or more, and holds {actual_length}",
    "too_long": "It holds too many: {max_length} are the most",
    "union_tag_invalid": "It has to be one of {expected_tags}",
    "union_tag_not_found": AN_OBJECT,
    "url_type": "It has to be an address",
    "url_parsing": "It has to be an address",
    "url_scheme": "It has to be an address that begins with one of {expected_schemes}",
}


def worded(error: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()`, which needs its context; no full stop at the end.

    What a validator of ours has raised stands as it was raised, and so does what is not in the table.
    """
    wording = _BY_TYPE.get(error["type"])
    said = wording.format_map(error.get("ctx", {})) if wording else str(error["msg"])
    return said[:1].upper() + said[1:]
