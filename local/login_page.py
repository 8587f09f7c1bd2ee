"""The pages of the local issuer, where somebody says who they are: HTML without scripts, and everything escaped."""

from collections.abc import Iterable, Mapping
from html import escape
from string import Template

from local.members import Member

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title</title>
<meta name="viewport" content="width=device-width"><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 3em auto; padding: 0 1em }
button { font: inherit; padding: .4em .8em } li { margin: .4em 0 } ul { list-style: none; padding: 0 }
input[type=email], textarea { font: inherit; width: 100%; box-sizing: border-box; padding: .4em } small { color: #666 }
</style></head><body><h1>$title</h1>$body</body></html>
""")
_FORM = Template("""<p>$purpose There is no password: this issuer is for this machine alone.</p>
<form method="post">$hidden
<p><label><input type="checkbox" name="email_verified" value="true" checked> the address is verified</label><br>
<label><input type="checkbox" name="mfa" value="true"> with a second factor</label></p>
<p><label>As anybody: <input type="email" name="email" value="$hint" placeholder="somebody@example.test"></label></p>
<p><button name="sub" value="">Sign in with this address</button></p>
<ul>$people</ul></form>
""")


def login(issuer: str, members: Iterable[Member], asked: Mapping[str, str]) -> str:
    """Where somebody is chosen; `asked` travels along. Without a client, they are shown a token in the end."""
    client = asked.get("client_id")
    form = _FORM.substitute(
        purpose=f"<b>{escape(client)}</b> asks who you are." if client else "Be somebody, and get an access token.",
        hidden="".join(map(_hidden, asked.items())),
        people="".join(map(_choice, _people(members))),
        hint=escape(asked.get("login_hint", "")),
    )
    return _page(f"Sign in at {issuer}", form)


def token(text: str, email: str) -> str:
    """An access token to copy."""
    about = f"<p>An access token of {escape(email)}, good for twelve hours:</p>"
    return _page("Signed in", f'{about}<textarea rows="12" readonly>{escape(text)}</textarea>')


def refusal(sentence: str) -> str:
    """Why nobody can sign in with this request."""
    return _page("This cannot be asked", f"<p>{escape(sentence)}</p>")


def _page(title: str, body: str) -> str:
    return _PAGE.substitute(title=escape(title), body=body)


def _people(members: Iterable[Member]) -> list[tuple[Member, list[str]]]:
    """Each person once, with all that they are."""
    places: dict[str, tuple[Member, list[str]]] = {}
    for member in members:
        places.setdefault(member.subject, (member, []))[1].append(f"{member.role} of {member.tenant}")
    return list(places.values())


def _choice(person: tuple[Member, list[str]]) -> str:
    member, places = person
    button = f'<button name="sub" value="{escape(member.subject)}">{escape(member.email)}</button>'
    return f"<li>{button} <small>{escape(', '.join(places))}</small></li>"


def _hidden(field: tuple[str, str]) -> str:
    name, value = field
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
