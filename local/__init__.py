"""The cloud on a laptop: PostgreSQL, an AWS emulator, an identity issuer, and the stacks that really deploy."""
