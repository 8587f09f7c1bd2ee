"""Jobs: work that takes longer than a request, done by workers, fairly to every tenant, and never lost."""
