"""Other MCP servers behind the proxy: how they are configured, connected to and listed."""
