"""The parts of the server's side of MCP that are not the server itself; they know the SDK."""
