"""POST /ofrep/v1/evaluate/flags, and /{key}: one decision, or all of them, in one round trip."""

from freehold.http.frame import framed
from freehold.http.ofrep import OFREP, respond
from freehold.http.warm import open_connection

open_connection()
handler = framed(respond, OFREP)
