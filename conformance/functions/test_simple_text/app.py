"""A Lambda function that answers as the scenario asks a tool to."""


def handler(event, context):
    return "This is a simple text response for testing."
