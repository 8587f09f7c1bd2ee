"""What a laptop has in the place of the network and the cell: at every stage, all that the other stacks read."""

from infra.templates import templates_of
from local.cloud import parameters
from local.project import ROOT
from local.synthesis import deploys
from tests.infra.templates import parameters_read, parameters_written

PLACES = {"conninfo": "host=127.0.0.1", "pages": "http://127.0.0.1:1", "issuer": "http://127.0.0.1:2"}


def missing(stage, told):
    """Names that a stack of the laptop's reads, and nobody there has written."""
    deployed = [found for stack, found in templates_of(stage, ROOT).items() if deploys(stack, stage.name)]
    read = {name for template in deployed for name in parameters_read(template).values()}
    return read - told.keys() - {name for template in deployed for name in parameters_written(template)}


def test_a_laptop_tells_all_that_is_read(stage):
    told = parameters(stage.name, **PLACES)
    assert missing(stage, told) == set()
    name = f"/freehold/{stage.name}/network/subnets"
    del told[name]
    assert missing(stage, told) == {name}
