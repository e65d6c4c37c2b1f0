"""The metrics of the local CloudWatch: what exists, how it is aggregated, and what each operation answers."""
