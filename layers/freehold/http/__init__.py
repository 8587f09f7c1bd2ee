"""HTTP: from API Gateway's event to a feature's service and back, the same way for every function."""
