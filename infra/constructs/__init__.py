"""The parts that stacks are assembled from."""
