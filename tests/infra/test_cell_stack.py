"""One database that is closed, encrypted and kept as its stage says; each check is shown to find a planted fault."""

from dataclasses import replace

import pytest

from freehold.database.login import CONNECT_TIMEOUT
from freehold.database.migrations.bootstrap import ADMIN
from freehold.database.migrations.bootstrap import REQUEST_ROLES as MADE_BY_BOOTSTRAP
from infra.constructs.cluster import LETS_SLEEP, PARAMETERS
from infra.constructs.proxy import BORROW_TIMEOUT, REQUEST_ROLES
from infra.stage import STAGES, Serverless
from tests.infra.templates import of_type, only, parameters_written, statements, text
from tests.infra.workers import FEW

WITH_PROXY = [stage for stage in STAGES.values() if stage.cell.proxy]
CLUSTER, PROXY = "AWS::RDS::DBCluster", "AWS::RDS::DBProxy"
POOL = "AWS::RDS::DBProxyTargetGroup"
KEPT = {"launch", "growth", "scale"}


def let_in(template):
    """Who may connect to whom, as pairs of logical ids."""
    rules = of_type(template, "AWS::EC2::SecurityGroupIngress").values()
    return {(rule["SourceSecurityGroupId"]["Fn::GetAtt"][0], rule["GroupId"]["Fn::GetAtt"][0]) for rule in rules}


def group_of(template, kind):
    return only(template, kind)["VpcSecurityGroupIds"][0]["Fn::GetAtt"][0]


@pytest.fixture
def cell(stacks):
    return stacks["cell"]


@pytest.fixture
def told(cell):
    """What the stack tells others, by the end of its name."""
    return {name.partition("/pool/")[2]: value for name, value in parameters_written(cell).items()}


class TestLogins:
    @pytest.mark.parametrize("stage", WITH_PROXY, ids=lambda stage: stage.name)
    def test_of_the_proxy_are_those_of_requests(self, cell, told):
        [[_, allowed]] = statements(cell)
        assert allowed["Action"] == "rds-db:connect"
        assert all(text(told["writer/resource"]) in text(one) for one in allowed["Resource"])
        logins = {one["Fn::Join"][1][-1].removeprefix("/") for one in allowed["Resource"]}
        assert logins == set(REQUEST_ROLES) == set(MADE_BY_BOOTSTRAP)

    def test_of_the_administrator_are_by_identity_too(self, cell):
        cluster = only(cell, CLUSTER)
        assert (cluster["MasterUsername"], cluster["MasterUserAuthenticationType"]) == (ADMIN, "iam-db-auth")
        assert of_type(cell, "AWS::SecretsManager::Secret") == {}


class TestConnections:
    def test_come_from_functions_and_the_proxy_alone(self, cell, stage, told):
        clients, cluster = told["clients"]["Fn::GetAtt"][0], group_of(cell, CLUSTER)
        expected = {(clients, cluster)}
        if stage.cell.proxy:
            proxy = group_of(cell, PROXY)
            expected |= {(clients, proxy), (proxy, cluster)}
        assert let_in(cell) == expected

    def test_lead_nowhere_else_from_the_database(self, cell):
        group = cell["Resources"][group_of(cell, CLUSTER)]["Properties"]
        assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]

    @pytest.mark.parametrize("stage", WITH_PROXY, ids=lambda stage: stage.name)
    def test_that_are_all_taken_are_waited_for_less_long_than_a_client_waits(self, cell):
        pool = only(cell, POOL)["ConnectionPoolConfigurationInfo"]
        assert 0 < pool["ConnectionBorrowTimeout"] == BORROW_TIMEOUT.to_seconds() < int(CONNECT_TIMEOUT)
        assert pool["MaxConnectionsPercent"] < 100
        assert "SessionPinningFilters" not in pool

    @pytest.mark.parametrize("stage", WITH_PROXY, ids=lambda stage: stage.name)
    def test_of_requests_go_through_the_proxy_and_those_of_migrations_do_not(self, cell, told):
        [proxy], [cluster] = of_type(cell, PROXY), of_type(cell, CLUSTER)
        assert proxy in text(told["conninfo"])
        assert proxy in text(told["resource"])
        assert cluster in text(told["writer/conninfo"])
        assert cluster in text(told["writer/resource"])

    def test_of_reports_go_to_the_readers_where_there_are_any(self, cell, told, stage):
        readers = of_type(cell, "AWS::RDS::DBProxyEndpoint")
        if stage.cell.proxy and stage.cell.readers:
            [[name, endpoint]] = readers.items()
            [proxy] = of_type(cell, PROXY)
            assert (endpoint["TargetRole"], endpoint["DBProxyName"]) == ("READ_ONLY", {"Ref": proxy})
            assert endpoint["VpcSecurityGroupIds"] == [{"Fn::GetAtt": [group_of(cell, PROXY), "GroupId"]}]
            assert name in text(told["reader/conninfo"])
        elif stage.cell.proxy:
            assert (told["reader/conninfo"], readers) == (told["conninfo"], {})
        else:
            assert "ReadEndpoint.Address" in text(told["reader/conninfo"])

    def test_are_patient_where_the_database_may_sleep(self, told, stage):
        for name, seconds in (("conninfo", 20), ("reader/conninfo", 20), ("writer/conninfo", 60)):
            assert (f"connect_timeout={seconds}" in text(told[name])) == stage.cell.sleeps
            assert " port=5432 dbname=freehold sslmode=verify-full" in text(told[name])


class TestData:
    def test_is_kept_where_somebody_pays(self, stage):
        assert stage.cell.keeps_data == (stage.name in KEPT)

    def test_is_backed_up_as_the_stage_says(self, cell, stage):
        cluster = only(cell, CLUSTER)
        assert (cluster["BackupRetentionPeriod"], cluster["CopyTagsToSnapshot"]) == (stage.cell.backup_days, True)
        assert cluster["BackupRetentionPeriod"] >= (14 if stage.name in KEPT else 1)

    def test_of_statements_stays_out_of_the_logs(self, cell, stage):
        parameters = only(cell, "AWS::RDS::DBClusterParameterGroup")["Parameters"]
        assert parameters == PARAMETERS | (LETS_SLEEP if stage.cell.sleeps else {})
        assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"


class TestCapacity:
    def test_is_what_the_stage_says(self, cell, stage):
        instances = of_type(cell, "AWS::RDS::DBInstance").values()
        assert len(instances) == 1 + stage.cell.readers
        compute = stage.cell.compute
        named = "db.serverless" if isinstance(compute, Serverless) else f"db.{compute.type}"
        assert {instance["DBInstanceClass"] for instance in instances} == {named}
        assert only(cell, CLUSTER)["EngineVersion"] == stage.cell.engine

    @pytest.mark.parametrize("stage", [STAGES["sandbox"]], ids=["sandbox"])
    def test_of_a_sandbox_sleeps_and_has_no_proxy_to_keep_it_awake(self, cell):
        assert only(cell, CLUSTER)["ServerlessV2ScalingConfiguration"]["MinCapacity"] == 0
        assert of_type(cell, PROXY) == {}

    def test_that_sleeps_has_a_proxy_nowhere(self):
        assert [stage.name for stage in STAGES.values() if stage.cell.sleeps and stage.cell.proxy] == []

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_turned_tells_functions_another_address(self, tree, synthesize, cell, stage):
        turned = synthesize(
            tree, stage=replace(stage, cell=replace(stage.cell, proxy=False)), code="placeholder", manifest=FEW
        )
        name = "/freehold/launch/cell/pool/conninfo"
        assert parameters_written(turned["cell"])[name] != parameters_written(cell)[name]
