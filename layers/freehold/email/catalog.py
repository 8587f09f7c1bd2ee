"""Every template that there is: a folder of `templates/` is one, and nothing else has to be told of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Template as Text
from types import ModuleType

from freehold.email import templates
from freehold.email.models import Template


@dataclass(frozen=True, slots=True)
class Wording:
    """A template's words in one language, with places for its fields."""

    subject: Text
    text: Text
    html: Text


@cache
def templates_by_name() -> Mapping[str, type[Template]]:
    """By their folders' names, as rows and messages have them."""
    return {found.name: _template_in(found.name) for found in iter_modules(templates.__path__) if found.ispkg}


def name_of(template: type[Template]) -> str:
    """The name of its folder."""
    return template.__module__.rpartition(".")[2]


@cache
def wordings(template: type[Template]) -> Mapping[str, Wording]:
    """By locale."""
    folder = Path(templates.__path__[0], name_of(template))
    return {words.parent.name: _read(words.parent) for words in sorted(folder.glob("*/subject.txt"))}


def layout(file: str) -> Text:
    """What surrounds the words of every template: `layout.html` or `layout.txt`."""
    return _text(Path(templates.__path__[0], file))


def _template_in(folder: str) -> type[Template]:
    module = import_module(f"{templates.__name__}.{folder}")
    return next(found for found in _templates_of(module) if name_of(found) == folder)


def _templates_of(module: ModuleType) -> Iterator[type[Template]]:
    for found in vars(module).values():
        if isinstance(found, type) and issubclass(found, Template):
            yield found


def _read(folder: Path) -> Wording:
    return Wording(_text(folder / "subject.txt"), _text(folder / "body.txt"), _text(folder / "body.html"))


@cache
def _text(file: Path) -> Text:
    return Text(file.read_text(encoding="utf-8").strip())
