"""The gateway: what clients talk to, and where each route leads.

clients ──▶ Gateway ──▶ authorizer:live (who is this? cached for a minute)
                └── one route, one integration ──▶ (api) function:live

It comes behind the functions of the API and the workers: once all of them have moved on, it leads requests to what is
new, and runs the migrations that were waiting for the old code to be gone.
"""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from functions.declaration import Function
from functions.manifest import AUTHORIZER, FUNCTIONS, migrations_of
from infra.assets import Assets
from infra.constructs.alarms import topic_of
from infra.constructs.api_health import watch_api
from infra.constructs.function import live
from infra.constructs.http_api import Gateway
from infra.constructs.migration import migrate
from infra.constructs.parameters import write_parameter
from infra.domain import Domain
from infra.stage import Stage


class GatewayStack(Stack):
    """Which routes there are is the manifest's to say."""

    def __init__(  # noqa: PLR0913 (what a person may choose of it, by name)
        self,
        scope: Construct,
        *,
        stage: Stage,
        assets: Assets,
        manifest: Sequence[Function] = FUNCTIONS,
        silos: Sequence[str] = (),
        origins: Sequence[str] = (),
        domain: Domain | None = None,
    ) -> None:
        super().__init__(scope, f"freehold-{stage.name}-gateway", description=f"Freehold ({stage.name}): the gateway")
        gateway = Gateway(
            self,
            "Gateway",
            stage=stage,
            authorizer=live(self, AUTHORIZER, stage),
            origins=origins,
            domain=domain,
        )
        for declared in manifest:
            if declared.routes:
                gateway.route(declared, live(self, declared, stage))
        migrate(self, "post", stage=stage, digest=assets.migrations)
        for silo in silos:
            migrate(
                self,
                "post",
                name=f"SchemaOf{silo.title()}",
                by=migrations_of(silo),
                stage=stage,
                digest=assets.migrations,
            )
        write_parameter(self, stage, "gateway/api", gateway.api.api_id)
        watch_api(self, stage=stage, api_id=gateway.api.api_id, topic=topic_of(self, stage))
        CfnOutput(self, "ApiUrl", value=gateway.url)
        CfnOutput(self, "ApiId", value=gateway.api.api_id)
        CfnOutput(self, "StripeWebhookUrl", value=f"{gateway.url}/stripe/webhooks")
