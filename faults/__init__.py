"""What survives kill -9: each process is ended at named points, and nothing may be lost, doubled or stuck.

make faults                          every point, 50 runs each
freehold faults --only relay --runs 5
"""
