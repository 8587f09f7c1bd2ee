"""How the double's pages look: one frame, forms without scripts, and everything escaped."""

import datetime as dt
from collections.abc import Iterable
from html import escape
from string import Template

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_WITHOUT_CENTS = (
    "bif",
    "clp",
    "djf",
    "gnf",
    "jpy",
    "kmf",
    "krw",
    "mga",
    "pyg",
    "rwf",
    "ugx",
    "vnd",
    "vuv",
    "xaf",
    "xof",
    "xpf",
)
_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; --line: #8886; --ink: #635bff }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4em; border-top: 1px solid var(--line) }
.sum { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } small, .mark { opacity: .75 }
label { display: block; margin: .6em 0 }
input, select { font: inherit; width: 100%; box-sizing: border-box; padding: .45em }
.row { display: flex; gap: 1em } .row label { flex: 1 } fieldset { border: 1px solid var(--line); margin: 1em 0 }
button { font: inherit; padding: .5em 1em; background: var(--ink); color: #fff; border: 0; border-radius: .3em }
button.quiet { background: none; color: inherit; border: 1px solid var(--line) } form.inline { display: inline }
[role=alert] { border-left: .3em solid #c00; padding: .5em 1em; margin: 1em 0; background: #c001 }
[role=status] { border-left: .3em solid #080; padding: .5em 1em; margin: 1em 0; background: #0801 }
</style></head><body><p class="mark">Stripe's double, on this machine alone. No card is charged.</p>
<main><h1>$title</h1>$body</main></body></html>
""")


def page(title: str, *parts: str) -> str:
    """A whole page; the parts are HTML, the title is text."""
    return _PAGE.substitute(title=escape(title), body="\n".join(part for part in parts if part))


text = escape
"""Words as HTML."""


def alert(sentence: str) -> str:
    """What went wrong; nothing for nothing."""
    return f'<p role="alert">{escape(sentence)}</p>' if sentence else ""


def done(sentence: str) -> str:
    """What was done; nothing for nothing."""
    return f'<p role="status">{escape(sentence)}</p>' if sentence else ""


def paragraph(sentence: str) -> str:
    """Text."""
    return f"<p>{escape(sentence)}</p>"


def link(address: str, words: str) -> str:
    """A link, where the address is one of the web; the words alone for any other, such as `javascript:`."""
    if not address.startswith(("http://", "https://", "/")):
        return escape(words)
    return f'<a href="{escape(address)}">{escape(words)}</a>'


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells are HTML; the last of each row is an amount."""
    shown = "".join(
        f'<th scope="col"{_sum(at, names)}>{escape(name)}</th>'
        for names in [list(head)]
        for at, name in enumerate(names)
    )
    return f"<table><thead><tr>{shown}</tr></thead><tbody>{''.join(map(_row, rows))}</tbody></table>"


def field(  # noqa: PLR0913 -- an input has so many
    name: str,
    label: str,
    value: str = "",
    *,
    kind: str = "text",
    hint: str = "",
    required: bool = False,
    options: str = "",
) -> str:
    """A labelled input; `options` is the id of a datalist."""
    given = {"type": kind, "name": name, "value": value, "placeholder": hint, "list": options}
    shown = " ".join(f'{key}="{escape(text)}"' for key, text in given.items() if text)
    return f"<label>{escape(label)} <input {shown}{' required' if required else ''}></label>"


def button(words: str, action: str, *, quiet: bool = False, **hidden: str) -> str:
    """A form of one button."""
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in hidden.items())
    look = ' class="quiet"' if quiet else ""
    words = f"<button{look}>{escape(words)}</button>"
    return f'<form method="post" action="{escape(action)}" class="inline">{fields}{words}</form>'


def money(amount: int, currency: str) -> str:
    """Minor units and an ISO currency, as people write them: 1,250.00 USD."""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    shown = f"{size:,}" if currency in _WITHOUT_CENTS else f"{size // 100:,}.{size % 100:02}"
    return f"{sign}{shown} {currency.upper()}"


def day(moment: int | None) -> str:
    """Unix seconds as a date in UTC; a dash for none."""
    return f"{dt.datetime.fromtimestamp(moment, dt.UTC):%-d %B %Y}" if moment else "-"


def _row(cells: Iterable[str]) -> str:
    listed = list(cells)
    return f"<tr>{''.join(f'<td{_sum(at, listed)}>{cell}</td>' for at, cell in enumerate(listed))}</tr>"


def _sum(at: int, cells: list[str]) -> str:
    return ' class="sum"' if at == len(cells) - 1 else ""
