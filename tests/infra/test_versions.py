"""A version is a new one whenever something that it keeps has changed, parameters and layers included."""

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.infra.conftest import make_tree, write
from tests.infra.templates import of_type
from tests.infra.workers import FEW

SERVED = ("schema", "delivery", "api", "workers")


def versions(templates):
    return {name for stack in SERVED for name in of_type(templates[stack], "AWS::Lambda::Version")}


class TestVersions:
    def test_of_another_description_are_other_versions_to_cloudformation(self):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", "AWS::Lambda::Version").schema
        assert "/properties/Description" in schema["createOnlyProperties"]

    def test_are_all_new_when_a_layer_that_all_share_is_edited(self, packaged, synthesize, tmp_path):
        own_tree = make_tree(tmp_path / "project")
        write(own_tree / "layers" / "freehold" / "clock.py", "import time\n")
        edited = synthesize(own_tree, manifest=FEW)
        assert len(versions(edited)) == len(versions(packaged)) == len(FEW)
        assert versions(edited).isdisjoint(versions(packaged))

    def test_of_the_functions_with_another_layer_stay_when_it_is_edited(self, packaged, synthesize, tmp_path):
        own_tree = make_tree(tmp_path / "project")
        write(own_tree / "layers" / "product" / "prices.py", "CENTS = 100\n")
        edited = synthesize(own_tree, manifest=FEW)
        changed = versions(edited) - versions(packaged)
        assert len(changed) == sum(declared.product for declared in FEW) < len(FEW)
