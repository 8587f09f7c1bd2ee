"""From a template's fields to a mail's words: in HTML every value is escaped, in text every paragraph is wrapped."""

import textwrap
from collections.abc import Mapping
from html import escape

from freehold.email import catalog, locales
from freehold.email.models import Letterhead, Template, Words

_COLUMNS = 72
_FONT = "font-family:-apple-system,Roboto,Helvetica,Arial,sans-serif"
_LOGO = '<img src="{url}" alt="{name}" height="32" style="display:block;border:0;height:32px;max-width:240px">'
_PARAGRAPH = f"margin:0 0 16px;{_FONT};font-size:16px;line-height:24px;overflow-wrap:anywhere"
_BUTTON = (
    f"display:inline-block;padding:12px 20px;border-radius:6px;{_FONT};font-size:16px;font-weight:600;"
    "text-decoration:none;background-color:{color};color:{ink}"
)
SURROUNDINGS = frozenset({"brand", "public_url", "paragraph", "button"})
"""What every wording may name besides its own fields; `paragraph` and `button` are styles, for HTML alone."""


def render(template: Template, letterhead: Letterhead, *, locale: str) -> Words:
    """The mail in the closest language that there is. No value can add a header, a tag, a link or a placeholder."""
    wordings = catalog.wordings(type(template))
    language = locales.closest(locale, frozenset(wordings))
    wording = wordings[language]
    values = template.shown() | {"brand": letterhead.name, "public_url": letterhead.public_url}
    subject = wording.subject.substitute(values)
    return Words(
        subject=subject,
        text=_text(wording.text.substitute(values), values),
        html=_html(wording.html.substitute(_escaped(values) | _styles(letterhead)), subject, language, letterhead),
    )


def _text(body: str, values: Mapping[str, str]) -> str:
    whole = catalog.layout("layout.txt").substitute(values, body=body)
    return "\n\n".join(_wrapped(paragraph) for paragraph in whole.split("\n\n")) + "\n"


def _wrapped(paragraph: str) -> str:
    """A long link stays whole."""
    return textwrap.fill(" ".join(paragraph.split()), _COLUMNS, break_long_words=False, break_on_hyphens=False)


def _html(body: str, subject: str, language: str, letterhead: Letterhead) -> str:
    own = {"subject": subject, "language": language, "color": letterhead.color, "public_url": letterhead.public_url}
    return catalog.layout("layout.html").substitute(_escaped(own), body=body, head=_head(letterhead), font=_FONT)


def _head(letterhead: Letterhead) -> str:
    name = escape(letterhead.name)
    return _LOGO.format(url=escape(letterhead.logo_url), name=name) if letterhead.logo_url else name


def _styles(letterhead: Letterhead) -> dict[str, str]:
    button = _BUTTON.format(color=letterhead.color, ink=_ink_on(letterhead.color))
    return {"paragraph": _PARAGRAPH, "button": button}


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value) for name, value in values.items()}


def _ink_on(color: str) -> str:
    """Black or white, whichever has the greater contrast (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 -- sRGB
