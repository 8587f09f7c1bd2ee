"""Mistakes that only the attack over HTTP can find: the database is as it should be, the process is not."""
