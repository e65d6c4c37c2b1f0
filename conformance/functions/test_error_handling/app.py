"""A Lambda function that always fails."""


def handler(event, context):
    raise RuntimeError("This tool intentionally returns an error for testing")
