"""One decision: a feature, a limit or a flag, with the rule that decided it."""
