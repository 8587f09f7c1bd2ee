"""POST /ofrep/v1/evaluate/flags, and /{key}: one decision, or all of them, in one round trip."""

from freehold.decisions.asked import decisions_of
from freehold.http.frame import framed
from freehold.http.ofrep import OFREP, answering
from freehold.http.warm import open_connection

open_connection()
handler = framed(answering(decisions_of), OFREP)
