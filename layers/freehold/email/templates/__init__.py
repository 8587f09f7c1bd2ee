"""The mails that we send. Each folder is one: its fields in `__init__.py`, its words in one folder for each locale."""
