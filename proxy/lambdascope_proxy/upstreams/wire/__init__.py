"""The client side of MCP: how an upstream is reached and spoken to, with the SDK."""
