"""What goes into one call: as many as it takes, and no more bytes than it takes."""

from collections.abc import Callable, Iterable, Iterator


def chunks[T](items: Iterable[T], *, size: Callable[[T], int], most: int, most_bytes: int) -> Iterator[list[T]]:
    """The items in order, in groups. One that is too large by itself is its caller's to keep out."""
    group: list[T] = []
    bytes_of_group = 0
    for item in items:
        bytes_of_item = size(item)
        if group and (len(group) == most or bytes_of_group + bytes_of_item > most_bytes):
            yield group
            group, bytes_of_group = [], 0
        group.append(item)
        bytes_of_group += bytes_of_item
    if group:
        yield group
