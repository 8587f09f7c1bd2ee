"""The attack on the database: on tables, functions and entrances, by whoever can send it SQL."""
