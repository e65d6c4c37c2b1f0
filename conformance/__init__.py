"""Runs the official conformance suite of MCP against a proxy with a fixture server behind it."""
