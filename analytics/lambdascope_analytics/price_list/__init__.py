"""The AWS Price List: reading what AWS publishes of Lambda's prices, and making a rate table of it."""
