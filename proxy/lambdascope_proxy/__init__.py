"""Observability-first MCP proxy for AWS Lambda."""
