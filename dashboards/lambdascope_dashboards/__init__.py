"""Grafana dashboards and Prometheus rules of lambdascope: what builds them, and the files that were built."""
