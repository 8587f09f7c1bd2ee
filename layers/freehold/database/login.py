"""Where a role logs in, whom it trusts there, and what it shows instead of a password."""

import time
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold import clock
from freehold.errors import Unavailable
from freehold.settings import settings
from freehold.sigv4 import Credentials, NoCredentials, database_token

type Conninfo = dict[str, str]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT = 5432
REPORT = "freehold_report"
CONNECT_TIMEOUT = "3"  # seconds
SHORTEST = 2  # seconds; libpq takes less than this for this
AMAZON = Path(__file__).with_name("amazon.pem")
"""Whom a connection to another machine trusts, unless it names an `sslrootcert`."""
RDS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")
HIDES_THE_HOST = {"hostaddr", "service"}


def conninfo(role: str) -> str:
    """Where to log in as `role`. Raises SystemExit when that would send anything in the clear."""
    name, where = _door(role)
    given = _read(where)
    if refused := _refusal(given):
        raise SystemExit(f"{name} {refused}")
    trusted = {} if given["host"] in LOOPBACK else {"sslrootcert": str(AMAZON)}
    return make_conninfo(**({"connect_timeout": CONNECT_TIMEOUT} | trusted | given | {"user": role}))


def _door(role: str) -> tuple[str, str]:
    """Reports read where the stage has something for it: the setting's name, and its value."""
    if role == REPORT and settings().read_database:
        return "FREEHOLD_READ_DATABASE", settings().read_database
    return "FREEHOLD_DATABASE", settings().database


def ready(where: str) -> str:
    """`where`, with what holds for a moment only: the time that the request can wait, and the token that AWS asks for.

    Raises Unavailable when no time is left.
    """
    given = _read(where)
    left = clock.deadline(float(given.get("connect_timeout", CONNECT_TIMEOUT))) - time.monotonic()
    if left <= 0:
        raise Unavailable
    password = {} if _has_a_password(given) else {"password": _token(given)}
    return make_conninfo(**(given | {"connect_timeout": str(max(SHORTEST, int(left)))} | password))


def _read(where: str) -> Conninfo:
    return {name: str(value) for name, value in conninfo_to_dict(where).items() if value is not None}


def _refusal(given: Conninfo) -> str:
    """What is wrong with it; nothing when it can be used."""
    host = given.get("host", "")
    if not host:
        return "is not set: name the database, as in `host=127.0.0.1 dbname=freehold`."
    if hidden := sorted(given.keys() & HIDES_THE_HOST):
        return f"names a {hidden[0]}: name the host, so that its certificate can be verified."
    if host not in LOOPBACK and given.get("sslmode") != "verify-full":
        return f"reaches {host} without sslmode=verify-full: its TLS must be verified."
    if not _is_a_wait(given.get("connect_timeout", CONNECT_TIMEOUT)):
        return f"has connect_timeout={given['connect_timeout']}: name whole seconds, {SHORTEST} or more."
    return "" if _has_a_password(given) else _no_place_for_a_token(host)


def _is_a_wait(seconds: str) -> bool:
    return seconds.isdecimal() and int(seconds) >= SHORTEST


def _has_a_password(given: Conninfo) -> bool:
    """A database of this machine or of somebody else's; to one in AWS the role signs its way in."""
    return given["host"] in LOOPBACK or "password" in given or "passfile" in given


def _no_place_for_a_token(host: str) -> str:
    """A token is for AWS alone: any other host could use it for a quarter of an hour."""
    if not host.endswith(RDS):
        return f"reaches {host} with neither a password nor a name that ends in {' or '.join(RDS)}."
    try:
        Credentials.of_process()
    except NoCredentials as error:
        return f"is in AWS, and {error}"
    return ""


def _token(given: Conninfo) -> str:
    return database_token(
        host=given["host"],
        port=int(given.get("port", PORT)),
        user=given["user"],
        credentials=Credentials.of_process(),
        at=clock.now(),
    )
