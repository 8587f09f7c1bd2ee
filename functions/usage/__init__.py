"""Records what was used."""
