"""Reading CloudFormation templates."""

import json

EVERYWHERE = {"0.0.0.0/0", "::/0"}


def of_type(template, kind):
    """Properties of each resource of that type, by logical id."""
    return {name: found["Properties"] for name, found in template["Resources"].items() if found["Type"] == kind}


def only(template, kind):
    """Properties of the one resource of that type."""
    [properties] = of_type(template, kind).values()
    return properties


def policies(template):
    """Every policy of an identity, with the resource that it is in. Not of keys: the * in their policy is the key."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        yield from ((name, policy["PolicyDocument"]) for policy in role.get("Policies", []))
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        yield from ((name, policy["PolicyDocument"]) for name, policy in of_type(template, kind).items())


def statements(template):
    """What identities may do and may not, with the resource that says so."""
    for name, document in policies(template):
        yield from ((name, statement) for statement in as_list(document["Statement"]))


def parameters_read(template):
    """Names of the SSM parameters that the stack reads when it is deployed, by the template's own name for each."""
    return {
        name: declared["Default"]
        for name, declared in template["Parameters"].items()
        if declared.get("Default", "").startswith("/freehold/")
    }


def parameters_written(template):
    """Values of the SSM parameters that the stack writes, by name."""
    return {found["Name"]: found["Value"] for found in of_type(template, "AWS::SSM::Parameter").values()}


def text(value):
    """A value with all that it refers to, as one string to search in."""
    return json.dumps(value)


def as_list(value):
    return value if isinstance(value, list) else [value]
