"""What breaks the rules about encryption, data and the database."""

from tests.infra.rules.planted import GONE, OFF, ON, Planted, change, drop

QUEUE, BUCKET, CLUSTER, KEY = "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::RDS::DBCluster", "AWS::KMS::Key"
INSTANCE, PROXY, GROUP = "AWS::RDS::DBInstance", "AWS::RDS::DBProxy", "AWS::RDS::DBClusterParameterGroup"
MACHINE, MAIL, PARAMETER = "AWS::EC2::Instance", "AWS::SES::ConfigurationSet", "AWS::SSM::Parameter"
BULK = '"freehold-launch-bulk"'
LOCK = "ObjectLockConfiguration/Rule/DefaultRetention"

PLANTED = (
    Planted(rule="queues-are-encrypted", fault=change(QUEUE, "SqsManagedSseEnabled", OFF, BULK)),
    Planted(rule="buckets-are-encrypted", fault=change(BUCKET, "BucketEncryption", GONE)),
    Planted(rule="databases-are-encrypted", fault=change(CLUSTER, "StorageEncrypted", OFF)),
    Planted(rule="databases-are-encrypted", fault=change(CLUSTER, "KmsKeyId", GONE)),
    Planted(rule="databases-are-encrypted", fault=change(CLUSTER, "PerformanceInsightsKmsKeyId", GONE)),
    Planted(rule="disks-are-encrypted", fault=change(MACHINE, "BlockDeviceMappings", GONE)),
    Planted(rule="disks-are-encrypted", fault=change(MACHINE, "BlockDeviceMappings/0/Ebs/Encrypted", OFF)),
    Planted(rule="keys-rotate", fault=change(KEY, "EnableKeyRotation", GONE)),
    Planted(
        rule="plain-text-is-refused",
        fault=drop("AWS::SQS::QueuePolicy", "BulkQueueDead", found_at=(QUEUE, '"freehold-launch-bulk-dead"')),
    ),
    Planted(rule="plain-text-is-refused", fault=drop("AWS::S3::BucketPolicy", "Files", found_at=(BUCKET, "Files"))),
    Planted(rule="plain-text-is-refused", fault=drop("AWS::SNS::TopicPolicy", found_at=("AWS::SNS::Topic", ""))),
    Planted(rule="mail-travels-encrypted", fault=change(MAIL, "DeliveryOptions/TlsPolicy", "OPTIONAL")),
    Planted(rule="databases-cannot-be-deleted", fault=change(CLUSTER, "DeletionProtection", OFF)),
    Planted(rule="databases-cannot-be-deleted", fault=change(CLUSTER, "^DeletionPolicy", "Delete")),
    Planted(rule="databases-cannot-be-deleted", fault=change(CLUSTER, "^UpdateReplacePolicy", "Delete"), stage="scale"),
    Planted(rule="keys-outlive-their-data", fault=change(KEY, "^DeletionPolicy", "Delete")),
    Planted(rule="buckets-and-secrets-stay", fault=change(BUCKET, "^DeletionPolicy", "Delete"), stage="sandbox"),
    Planted(
        rule="buckets-and-secrets-stay", fault=change("AWS::SecretsManager::Secret", "^UpdateReplacePolicy", "Delete")
    ),
    Planted(rule="backups-reach-back", fault=change(CLUSTER, "BackupRetentionPeriod", 7)),
    Planted(rule="backups-reach-back", fault=change(CLUSTER, "BackupRetentionPeriod", 34), stage="growth"),
    Planted(rule="backups-outlive-the-database", fault=change(CLUSTER, "DeleteAutomatedBackups", GONE)),
    Planted(rule="anchors-cannot-be-rewritten", fault=change(BUCKET, f"{LOCK}/Mode", "GOVERNANCE", "Anchors")),
    Planted(rule="anchors-cannot-be-rewritten", fault=change(BUCKET, f"{LOCK}/Days", 30, "Anchors")),
    Planted(
        rule="anchors-cannot-be-rewritten", fault=change(BUCKET, "ObjectLockEnabled", GONE, "Anchors"), stage="sandbox"
    ),
    Planted(rule="events-are-archived", fault=drop("AWS::Events::Archive", found_at=("AWS::Events::EventBus", ""))),
    Planted(
        rule="clients-verify-the-server",
        fault=change(PARAMETER, "Value", "host=database sslmode=require", "pool/conninfo"),
    ),
    Planted(
        rule="clients-verify-the-server",
        fault=change(PARAMETER, "Value", "host=database", "writer/conninfo"),
        stage="sandbox",
    ),
    Planted(rule="databases-refuse-plain-text", fault=change(GROUP, "Parameters/rds.force_ssl", "0")),
    Planted(rule="proxies-refuse-plain-text", fault=change(PROXY, "RequireTLS", OFF)),
    Planted(rule="databases-know-no-passwords", fault=change(CLUSTER, "EnableIAMDatabaseAuthentication", OFF)),
    Planted(rule="databases-know-no-passwords", fault=change(CLUSTER, "ManageMasterUserPassword", ON)),
    Planted(rule="databases-know-no-passwords", fault=change(CLUSTER, "MasterUserAuthenticationType", "password")),
    Planted(rule="proxies-know-no-passwords", fault=change(PROXY, "DefaultAuthScheme", "NONE")),
    Planted(rule="proxies-know-no-passwords", fault=change(PROXY, "Auth", [{"AuthScheme": "SECRETS"}])),
    Planted(rule="databases-are-measured", fault=change(CLUSTER, "PerformanceInsightsEnabled", GONE)),
    Planted(rule="databases-are-measured", fault=change(INSTANCE, "EnablePerformanceInsights", OFF)),
    Planted(rule="databases-log-no-values", fault=change(GROUP, "Parameters/log_parameter_max_length", "-1")),
    Planted(rule="databases-log-no-values", fault=change(GROUP, "Parameters/log_parameter_max_length_on_error", GONE)),
    Planted(
        rule="servers-are-signed-by-whom-clients-know",
        fault=change(INSTANCE, "CACertificateIdentifier", "rds-ca-ecc384-g1"),
    ),
    Planted(
        rule="databases-that-sleep-have-no-proxy",
        fault=lambda t: (
            change(CLUSTER, "ServerlessV2ScalingConfiguration/MinCapacity", 0)(t),
            change(PROXY, "DebugLogging", OFF)(t),
        )[1],
        stage="scale",
    ),
)
