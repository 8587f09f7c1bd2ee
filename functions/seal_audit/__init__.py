"""Seals the audit trail of every tenant, and writes down outside the database where each ends."""
