"""Shows what was used."""
