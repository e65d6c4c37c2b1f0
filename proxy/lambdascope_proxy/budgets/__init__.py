"""Budgets in dollars and in seconds: what was spent, of what, and when it begins anew."""
