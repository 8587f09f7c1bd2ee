"""Callers get a new version whenever something that a version keeps has changed, parameters included."""

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, parameters_read, text

KEPT = ("cell/pool/conninfo", "cell/pool/writer/conninfo", "cell/pool/clients", "network/subnets")
LONGEST_DESCRIPTION = 256
LONGEST_ADDRESS = (
    "host=freehold-sandbox-pool.cluster-ro-abcdefghijkl.ap-southeast-7.rds.amazonaws.com port=5432 dbname=freehold "
    "sslmode=verify-full connect_timeout=20 sg-0123456789abcdef0 subnet-0123456789abcdef0,subnet-0123456789abcdef0 "
    "01234567-01234567 01234567"
)


def left_behind(template):
    """Functions whose address can change without callers getting a version with the new one."""
    addresses = {name for name, path in parameters_read(template).items() if path.split("/", 3)[3] in KEPT}
    functions, versions = of_type(template, "AWS::Lambda::Function"), of_type(template, "AWS::Lambda::Version").values()
    asks = {version["FunctionName"]["Ref"]: text(version.get("Description")) for version in versions}
    return [
        name
        for name, function in functions.items()
        if not all(address in asks[name] for address in addresses if f'"{address}"' in text(function))
    ]


class TestVersions:
    def test_are_new_when_the_database_moves(self, stacks, working):
        assert left_behind(stacks["api"]) == left_behind(stacks["schema"]) == left_behind(working["workers"]) == []

    @pytest.mark.parametrize("stack", ["schema", "api", "workers"])
    def test_that_stay_when_the_database_moves_would_be_found(self, working, stack):
        versions = of_type(working[stack], "AWS::Lambda::Version").values()
        version = next(version for version in versions if "Fn::Join" in version.get("Description", {}))
        version.pop("Description")
        assert left_behind(working[stack]) == [version["FunctionName"]["Ref"]]

    def test_of_what_verifies_tokens_are_new_when_the_issuers_are(self, stacks):
        read = {path.split("/", 3)[3]: {"Ref": name} for name, path in parameters_read(stacks["api"]).items()}
        verifying = [
            name
            for name, function in of_type(stacks["api"], "AWS::Lambda::Function").items()
            if function["Environment"]["Variables"].get("FREEHOLD_ISSUERS") == read["identity/issuers"]
        ]
        versions = of_type(stacks["api"], "AWS::Lambda::Version").values()
        described = [v["Description"] for v in versions if v["FunctionName"].get("Ref") in verifying]
        assert len(verifying) == len(described) == sum(function.issuers for function in FUNCTIONS)
        assert all(text(read["identity/issuers-digest"]) in text(description) for description in described)

    def test_of_another_description_are_other_versions_to_cloudformation(self):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Lambda::Version").schema
        assert "/properties/Description" in schema["createOnlyProperties"]

    def test_have_room_for_the_longest_address(self):
        assert len(LONGEST_ADDRESS) <= LONGEST_DESCRIPTION

    def test_are_what_callers_get(self, working):
        for stack in ("schema", "api", "workers"):
            versions = {
                text({"Fn::GetAtt": [name, "Version"]}) for name in of_type(working[stack], "AWS::Lambda::Version")
            }
            aliases = of_type(working[stack], "AWS::Lambda::Alias").values()
            assert {text(alias["FunctionVersion"]) for alias in aliases} == versions

    @pytest.mark.parametrize("stage", [STAGES["sandbox"]], ids=["sandbox"])
    def test_are_the_same_at_every_synthesis(self, tree, synthesize, stacks, stage):
        assert synthesize(tree, stage=stage, code="placeholder") == stacks
