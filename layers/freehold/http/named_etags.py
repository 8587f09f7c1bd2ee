"""Whether a header names an ETag, for FastAPI and lean functions alike."""


def names(header: str, etag: str) -> bool:
    """Whether If-Match or If-None-Match names it; weak ones count as strong ones, for each version has one form."""
    named = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in named or etag in named
