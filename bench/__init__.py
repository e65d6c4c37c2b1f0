"""The benchmark: what lambdascope costs beside bare boto3, a bare MCP server and another Lambda MCP server."""
