"""The product catalogue as one file: builds it in memory, which is where it will not fit one day."""

from typing import Any

BYTES_PER_PRODUCT = 4096


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    products = int(event.get("products", 40_000))
    print(f"exporting {products} products with {context.memory_limit_in_mb} MB")
    catalogue = bytearray()
    for number in range(products):
        catalogue += f"{number:08d};".encode().ljust(BYTES_PER_PRODUCT, b".")
    return {"products": products, "bytes": len(catalogue)}
