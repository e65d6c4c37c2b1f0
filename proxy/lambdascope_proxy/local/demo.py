"""The demo's account: the Lambda functions of a small online shop, and the schemas of two of their inputs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lambdascope_proxy.local.model import LocalFunction, LocalSchema

SCHEMA_TAG = "lambdascope:schema"
REGISTRY = "demo-shop"
_FUNCTIONS = Path(__file__).with_name("functions")
_SCHEMA_ARN = "arn:aws:schemas:us-east-1:123456789012:schema"  # of the account LocalAws plays by default


def _tags(team: str, *, env: str = "demo", schema: str | None = None) -> dict[str, str]:
    tags = {"team": team, "env": env}
    return {**tags, SCHEMA_TAG: f"{_SCHEMA_ARN}/{REGISTRY}/{schema}"} if schema else tags


# Each has a habit worth observing.
_SHOP: Final = (
    LocalFunction(
        name="demo-order-status",
        code=_FUNCTIONS / "demo-order-status",
        description="Tells where an order is. Fast.",
        tags=_tags("orders", schema="OrderStatus"),
        architecture="arm64",
    ),
    LocalFunction(
        name="demo-create-order",
        code=_FUNCTIONS / "demo-create-order",
        description="Accepts an order and returns its number and total.",
        tags=_tags("orders", schema="CreateOrder"),
        memory_mb=256,
    ),
    LocalFunction(
        name="demo-shipping-quote",
        code=_FUNCTIONS / "demo-shipping-quote",
        description="Asks a carrier what shipping costs. Takes about 400 ms, almost all of it waiting.",
        tags=_tags("logistics"),
        memory_mb=512,
        architecture="arm64",
    ),
    LocalFunction(
        name="demo-price-basket",
        code=_FUNCTIONS / "demo-price-basket",
        description="Finds the best set of coupons for a basket. CPU-bound: `coupons` (1 to 18) doubles the work.",
        tags=_tags("pricing"),
        memory_mb=1024,
        timeout_s=10,
    ),
    LocalFunction(
        name="demo-export-catalog",
        code=_FUNCTIONS / "demo-export-catalog",
        description="Builds the product catalogue in memory: 40000 `products` fit, 100000 do not.",
        tags=_tags("catalog"),
        memory_mb=256,
        timeout_s=15,
        ephemeral_storage_mb=1024,
    ),
    LocalFunction(
        name="demo-charge-card",
        code=_FUNCTIONS / "demo-charge-card",
        description="Charges a card. The bank declines every order whose number ends in 0 or 5.",
        tags=_tags("payments"),
        memory_mb=256,
        architecture="arm64",
        log_format="JSON",
    ),
    LocalFunction(
        name="demo-sync-stock",
        code=_FUNCTIONS / "demo-sync-stock",
        description='Takes over a warehouse\'s stock. Times out when the `warehouse` is "offline".',
        tags=_tags("logistics", env="staging"),
        timeout_s=2,
        environment={"WAREHOUSE_API": "https://warehouse.example"},
    ),
    LocalFunction(
        name="demo-recommend-products",
        code=_FUNCTIONS / "demo-recommend-products" / "latest",
        description="Recommends products. Version 1 knows best sellers, version 2 the basket; `live` points to 1.",
        tags=_tags("catalog"),
        memory_mb=512,
        versions={
            "1": _FUNCTIONS / "demo-recommend-products" / "v1",
            "2": _FUNCTIONS / "demo-recommend-products" / "v2",
        },
        aliases={"live": "1"},
    ),
)


def demo_functions() -> list[LocalFunction]:
    """The functions of the shop."""
    return list(_SHOP)


def demo_schemas() -> list[LocalSchema]:
    """The schemas the demo functions' tags name: one OpenApi3, one JSONSchemaDraft4 with two versions."""
    return [
        LocalSchema(registry=REGISTRY, name="CreateOrder", versions={"1": ("OpenApi3", json.dumps(_CREATE_ORDER))}),
        LocalSchema(
            registry=REGISTRY,
            name="OrderStatus",
            versions={
                "1": ("JSONSchemaDraft4", json.dumps(_order_status({}))),
                "2": ("JSONSchemaDraft4", json.dumps(_order_status({"minimum": 1000, "maximum": 9999}))),
            },
        ),
    ]


def _order_status(bounds: Mapping[str, int]) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "OrderStatus",
        "type": "object",
        "properties": {"order_id": {"type": "integer", "description": "The number of the order", **bounds}},
        "required": ["order_id"],
        "additionalProperties": False,
    }


_CREATE_ORDER: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"title": "CreateOrder", "version": "1.0.0"},
    "paths": {},
    "components": {
        "schemas": {
            "CreateOrder": {
                "type": "object",
                "required": ["customer", "lines"],
                "properties": {
                    "customer": {"type": "string", "description": "The customer's e-mail address"},
                    "lines": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"$ref": "#/components/schemas/Line"},
                    },
                    "express": {"type": "boolean", "nullable": True, "description": "Deliver the next day"},
                },
            },
            "Line": {
                "type": "object",
                "required": ["sku", "quantity"],
                "properties": {
                    "sku": {"type": "string", "enum": ["mug", "shirt", "poster"]},
                    "quantity": {"type": "integer", "minimum": 1, "example": 2},
                },
            },
        }
    },
}
