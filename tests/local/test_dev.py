"""`make dev` as a newcomer meets it: the cloud from nothing, with alice in it and her company."""

from uuid import UUID

from local.cloud import Cloud, Ports
from local.ports import free_port
from local.seed import acme


class TestStart:
    def test_alice_signs_up_and_can_work(self, tmp_path):
        ports = Ports(free_port(), free_port(), free_port())
        with Cloud(tmp_path / "dev", ports=ports, stage="sandbox") as cloud:
            assert UUID(acme(cloud)), "the functions' log says why not"
            assert UUID(acme(cloud)), "and she is still there"
