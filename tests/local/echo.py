"""A function that answers what it was called with."""


def handler(event, context):
    return {"event": event, "name": context.function_name}
