"""Proxies in front of the same MCP server: how each is installed, started, pinned to a core and weighed by itself."""
