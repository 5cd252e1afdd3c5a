package iam

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

const (
	trustOfRole = `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:role/deploy"}}`
	destroys    = `{"Effect":"Allow","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::b"}`
)

// Actions that a workload must not have even on named resources: replacing code, and deleting data or its protection.
func TestForbiddenActionsOfWorkloads(t *testing.T) {
	for _, action := range strings.Fields(`lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:UpdateAlias lambda:UpdateEventSourceMapping glue:UpdateJob
		glue:UpdateJobFromSourceControl glue:UpdateDevEndpoint glue:CreateTrigger glue:UpdateTrigger glue:UpdateWorkflow
		glue:UpdateConnection glue:UpdateCrawler states:UpdateStateMachine states:UpdateStateMachineAlias codebuild:UpdateProject
		cloudformation:UpdateStack cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet cloudformation:UpdateStackSet
		ecs:UpdateService scheduler:UpdateSchedule ssm:UpdateDocument ssm:UpdateDocumentDefaultVersion ssm:UpdateAssociation
		ssm:UpdateMaintenanceWindowTask`) {
		require.True(t, Finds(t, noPrivilegeEscalation, allow(quoted(action), named)), action)
		require.False(t, Finds(t, noDestruction, allow(quoted(action), named)), action)
	}
	for _, action := range strings.Fields(`kms:ScheduleKeyDeletion kms:DisableKey kms:DisableKeyRotation kms:DeleteImportedKeyMaterial kms:DeleteAlias kms:UpdateAlias
		secretsmanager:DeleteSecret secretsmanager:CancelRotateSecret secretsmanager:RemoveRegionsFromReplication s3:DeleteBucket
		s3:DeleteObjectVersion s3:BypassGovernanceRetention s3:PutBucketVersioning s3:PutBucketLogging s3:PutLifecycleConfiguration
		s3:PutEncryptionConfiguration s3:PutBucketObjectLockConfiguration rds:DeleteDBInstance rds:DeleteDBCluster rds:DeleteDBSnapshot
		rds:DeleteDBClusterSnapshot rds:DeleteDBInstanceAutomatedBackup rds:DeleteDBClusterAutomatedBackup rds:DeleteTenantDatabase
		rds:ModifyDBInstance rds:ModifyDBCluster rds:ModifyDBParameterGroup rds:BacktrackDBCluster rds:StopActivityStream
		rds:StopDBInstanceAutomatedBackupsReplication logs:DeleteLogGroup logs:DeleteLogStream logs:DeleteSubscriptionFilter
		logs:DeleteMetricFilter logs:DeleteDestination logs:DeleteDelivery logs:DeleteDataProtectionPolicy logs:DisassociateKmsKey
		cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail cloudtrail:PutEventSelectors cloudtrail:PutInsightSelectors
		cloudtrail:DeleteEventDataStore cloudtrail:UpdateEventDataStore cloudtrail:StopEventDataStoreIngestion
		backup:DeleteRecoveryPoint backup:DisassociateRecoveryPoint backup:UpdateRecoveryPointLifecycle backup:DeleteBackupVault
		backup:DeleteBackupPlan backup:UpdateBackupPlan backup:DeleteBackupSelection backup:DeleteBackupVaultLockConfiguration
		guardduty:DeleteDetector guardduty:UpdateDetector guardduty:CreateFilter guardduty:UpdateFilter
		guardduty:DeletePublishingDestination guardduty:DisassociateFromAdministratorAccount config:StopConfigurationRecorder
		config:DeleteConfigurationRecorder config:PutConfigurationRecorder config:DeleteDeliveryChannel config:PutDeliveryChannel
		config:DeleteConfigRule securityhub:DisableSecurityHub securityhub:BatchDisableStandards securityhub:UpdateStandardsControl
		access-analyzer:DeleteAnalyzer access-analyzer:CreateArchiveRule ec2:DeleteFlowLogs ec2:DeleteSnapshot ec2:DeleteVolume
		ec2:DeregisterImage cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions cloudwatch:SetAlarmState cloudwatch:PutAlarmMuteRule
		events:DisableRule events:DeleteRule events:RemoveTargets sns:Unsubscribe dynamodb:DeleteTable dynamodb:DeleteTableReplica
		dynamodb:DeleteBackup dynamodb:UpdateContinuousBackups dynamodb:UpdateTimeToLive glue:DeleteDatabase glue:DeleteCatalog
		glue:DeleteJob glue:DeleteCrawler glue:DeleteTrigger glue:DeleteWorkflow glue:DeleteConnection glue:StopTrigger
		lambda:DeleteFunction states:DeleteStateMachine sns:DeleteTopic sqs:DeleteQueue kinesis:DeleteStream
		kinesis:DecreaseStreamRetentionPeriod firehose:DeleteDeliveryStream firehose:UpdateDestination ecr:DeleteRepository
		ecr:BatchDeleteImage ecr:PutLifecyclePolicy elasticfilesystem:DeleteFileSystem elasticfilesystem:DeleteMountTarget
		redshift:DeleteCluster redshift:DeleteClusterSnapshot redshift:BatchDeleteClusterSnapshots redshift:DisableLogging
		es:DeleteDomain es:DeleteElasticsearchDomain organizations:LeaveOrganization logs:PutRetentionPolicy`) {
		require.True(t, Finds(t, noDestruction, allow(quoted(action), named)), action)
		require.False(t, Finds(t, noPrivilegeEscalation, allow(quoted(action), named)), action)
	}
}

// A role belongs to a workload if one of its statements lets services assume it.
func TestRolesOfWorkloads(t *testing.T) {
	const services = `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["glue.amazonaws.com","lambda.amazonaws.com"]}}`
	denied := strings.Replace(trustGlue, "Allow", "Deny", 1)
	for trust, found := range map[string]bool{
		trustGlue: true, services: true, "[" + trustOfRole + "," + trustGlue + "]": true, trustOfRole: false, trustPipeline: false, denied: false,
	} {
		require.Equal(t, found, Finds(t, noDestruction, ofRole(trust, destroys)), trust)
		require.Equal(t, found, Finds(t, noDestruction, attachedTo(trust, destroys)), trust)
	}
	unread := ofRole(trustOfRole, destroys)
	unread[1].Props["assumeRolePolicy"] = property.New(property.Computed)
	require.True(t, Finds(t, noDestruction, unread), "it is not known yet who assumes it")
	// The trust policy of a role outside of the stack is unknown.
	elsewhere := attachedTo(trustOfRole, destroys)
	elsewhere[1].Props["role"] = "another"
	require.True(t, Finds(t, noDestruction, elsewhere))
	elsewhere[1].Props["policyArn"] = "arn:aws:iam::123456789012:policy/another"
	require.False(t, Finds(t, noDestruction, elsewhere), "no role has the policy")
}

// A policy of several roles is reported once; all policies of a role are reported.
func TestPoliciesOfWorkloadsAreReportedOnce(t *testing.T) {
	shared := append(attachedTo(trustGlue, destroys),
		R(aws.Role, "second", Props{"assumeRolePolicy": `{"Statement":` + trustGlue + `}`}),
		R(aws.RolePolicyAttachment, "to the second", Props{"role": Ref("second"), "policyArn": Arn("policy")}))
	require.Len(t, noDestruction.CheckStack(Build(t, shared, rule.Settings{})), 1)
	document := Props{"policy": `{"Statement":` + destroys + `}`}
	inline := []Res{R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + trustGlue + `}`, "inlinePolicies": List{document, document}})}
	require.Len(t, noDestruction.CheckStack(Build(t, inline, rule.Settings{})), 2)
	grants := `{"Effect":"Allow","Action":["iam:PassRole","lambda:CreateFunction"],"Resource":"*"}`
	require.Equal(t, []string{"the role may pass any role to a resource that it starts"},
		messages(t, noPrivilegeEscalation, ofRole(trustGlue, grants)))
}

func TestKeyAdministrationByWorkloads(t *testing.T) {
	key := func(trust, effect, action string) []Res {
		return []Res{
			R(aws.Role, "role", Props{"arn": "arn:aws:iam::123456789012:role/job", "assumeRolePolicy": `{"Statement":` + trust + `}`}),
			R(aws.Key, "key", Props{
				"policy": `{"Statement":{"Effect":"` + effect + `","Action":"` + action + `","Resource":"*","Principal":{"AWS":"arn:aws:iam::123456789012:role/job"}}}`,
			}),
		}
	}
	for _, action := range strings.Fields(`kms:ScheduleKeyDeletion kms:DisableKey kms:PutKeyPolicy kms:DeleteImportedKeyMaterial`) {
		require.True(t, Finds(t, noDestruction, key(trustGlue, "Allow", action)), action)
		require.False(t, Finds(t, noDestruction, key(trustOfRole, "Allow", action)), action)
		require.False(t, Finds(t, noDestruction, key(trustGlue, "Deny", action)), action)
	}
	require.False(t, Finds(t, noDestruction, key(trustGlue, "Allow", "kms:Decrypt")))
}

// Actions that another account can allow need ARNs with the stack's account, or a condition on it.
func TestResourcesOfOtherAccounts(t *testing.T) {
	reaches := func(action, resource string, condition ...string) bool {
		return Finds(t, ownAccountResources, append(allow(quoted(action), quoted(resource), condition...), ownTopic))
	}
	for _, action := range strings.Fields(`sts:AssumeRole lambda:InvokeFunction sqs:SendMessage sns:Publish events:PutEvents kinesis:PutRecord kinesis:PutRecords
		dynamodb:PutItem`) {
		require.True(t, reaches(action, "arn:aws:x:*:*:out"), action)
		require.True(t, reaches(action, "arn:aws:x:*:*:*:out"), action)
		require.False(t, reaches(action, "arn:aws:x:*:*:*"), "another rule reports everything: %s", action)
		require.False(t, reaches(action, "arn:aws:x:*:123456789012:out"), action)
		for _, key := range []string{"aws:ResourceAccount", "aws:ResourceOrgID"} {
			require.False(t, reaches(action, "arn:aws:x:*:*:out", `{"StringEquals":{"`+key+`":"o-1234567890"}}`), "%s by %s", action, key)
		}
	}
	require.False(t, reaches("logs:PutLogEvents", "arn:aws:x:*:*:out"))
	for _, action := range []string{"lambda:GetLayerVersion", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"} {
		require.False(t, reaches(action, "arn:aws:x:eu-west-1:999999999999:out"), action)
	}
	require.True(t, reaches("ecr:PutImage", "arn:aws:x:eu-west-1:999999999999:out"))
	unknown := allow(`"ecr:PutImage"`, `"arn:aws:x:eu-west-1:999999999999:out"`)
	unknown[0].Props["arn"] = ""
	findings := ownAccountResources.CheckStack(Build(t, unknown, rule.Settings{}))
	require.Len(t, findings, 1)
	require.Equal(t, rule.Undecided, findings[0].Kind)
	require.Equal(t, "the stack's own account is not known yet", findings[0].Message)
}

// A guest of an identity pool is also one of the pool's identities.
func TestGuestsOfIdentityPools(t *testing.T) {
	const pool = `"cognito-identity.amazonaws.com:aud":"eu-west-1:0123abcd"`
	const methods = `"cognito-identity.amazonaws.com:amr":`
	for conditions, found := range map[string]bool{
		`"StringEquals":{` + pool + `}`:                                                           true,
		`"StringEquals":{` + pool + `,` + methods + `"authenticated"}`:                            false,
		`"StringEquals":{` + pool + `,` + methods + `"unauthenticated"}`:                          true,
		`"StringEquals":{` + pool + `},"StringLike":{` + methods + `"un*"}`:                       true,
		`"StringEquals":{` + pool + `,"cognito-identity.amazonaws.com:sub":"eu-west-1:4567cdef"}`: false,
		`"StringEquals":{` + methods + `"authenticated"}`:                                         true,
		`"StringEquals":{"cognito-identity.amazonaws.com:sub":"eu-west-1:4567cdef"}`:              false,
	} {
		statement := `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Condition":{` + conditions + `}}`
		require.Equal(t, found, Finds(t, trustSpecificPrincipal, trusting(statement)), conditions)
	}
}

func TestTrustedUsers(t *testing.T) {
	for principal, found := range map[string]bool{
		"arn:aws:iam::123456789012:user/u": true, "arn:aws:iam::123456789012:user/u:v": true, "arn:aws:iam::123456789012:role/user/r": false,
		"arn:aws:sts::123456789012:user/u": false, "iam:user/u": false,
	} {
		statement := `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"` + principal + `"}}`
		require.Equal(t, found, Finds(t, trustSpecificPrincipal, trusting(statement)), principal)
	}
}

// Everyone is reported once, and not additionally as an account.
func TestEveryoneIsReportedOnce(t *testing.T) {
	stack := Build(t, trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}`), rule.Settings{})
	require.Len(t, trustSpecificPrincipal.CheckResource(stack.Resources[0]), 1)
}
