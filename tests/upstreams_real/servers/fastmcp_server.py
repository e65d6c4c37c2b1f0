"""A server made with FastMCP: `python fastmcp_server.py PORT` serves Streamable HTTP, without a port stdio."""

import sys
from typing import Annotated

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.utilities.types import Image
from pydantic import BaseModel, Field

server = FastMCP("garden", instructions="Knows a garden.", version="3.2.1")
DOT = b"\x89PNG\r\n\x1a\n"


class Bed(BaseModel):
    """A bed of the garden."""

    name: str
    plants: list[str]


@server.tool(annotations={"readOnlyHint": True, "title": "Area of a bed"}, meta={"unit": "m2"})
def area(width: Annotated[float, Field(gt=0)], length: float = 2.0) -> float:
    """The area of a bed."""
    return width * length


@server.tool(tags={"plants"})
def describe(name: str) -> Bed:
    """A bed with what grows there."""
    return Bed(name=name, plants=["leek", "chard", "Grünkohl 🥬"])


@server.tool
def wilt(reason: str) -> str:
    """Always fails."""
    raise ToolError(f"It wilted: {reason}")


@server.tool
def breaks() -> str:
    """Fails in a way nobody foresaw."""
    raise RuntimeError("a broken pot")


@server.tool
def picture() -> Image:
    """A picture of the garden."""
    return Image(data=DOT, format="png")


@server.tool
async def water(ctx: Context) -> str:
    """Waters three beds, one after the other."""
    for bed in range(1, 4):
        await ctx.report_progress(bed, 3, f"bed {bed}")
    return "watered"


@server.resource("garden://plan", mime_type="text/markdown")
def plan() -> str:
    """The plan."""
    return "# Plan"


@server.resource("garden://beds/{name}")
def bed(name: str) -> dict:
    """One bed."""
    return {"name": name}


@server.prompt
def advise(plant: str) -> str:
    """Asks for advice."""
    return f"How do I grow {plant}?"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), show_banner=False, log_level="warning")
    else:
        server.run(show_banner=False, log_level="warning")
