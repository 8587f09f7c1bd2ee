"""The proof of isolation: attacks on every table, role, function and route, and planted holes that they must find."""
