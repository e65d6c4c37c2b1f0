"""History, pricing and analysis of calls; knows nothing of the proxy."""
