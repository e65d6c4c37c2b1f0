"""FastMCP's proxy, run in an environment of its own: `python bench/proxies/fastmcp_proxy.py URL PORT`."""

import sys

from fastmcp.server import create_proxy  # installed only where it runs

_, url, port = sys.argv
create_proxy(url).run(transport="http", host="127.0.0.1", port=int(port), show_banner=False, log_level="warning")
