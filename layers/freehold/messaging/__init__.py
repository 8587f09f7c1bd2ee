"""Events and queues: what leaves a tenant after its change has committed, and what comes to a worker."""
