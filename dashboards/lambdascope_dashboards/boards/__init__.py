"""The dashboards: what each one asks."""
