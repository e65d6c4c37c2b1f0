"""Forgetting: calls are removed, wherever this history keeps something of them."""
