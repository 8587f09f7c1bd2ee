"""The relay: what waits in the database goes on to the bus and the queues."""
