"""What GET /openapi.json is, for the document itself."""

from freehold.http.lean import Operation

OPERATIONS = (Operation(method="GET", path="/openapi.json", summary="This document"),)
