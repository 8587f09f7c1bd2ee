"""Brings the database to what this version of the code expects; a deploy waits for it before the code runs."""
