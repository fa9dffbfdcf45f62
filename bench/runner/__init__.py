"""What `run.py` is made of: servers, workloads, the table's rows, and how they are shown."""
