"""The routes of the audit trail."""
