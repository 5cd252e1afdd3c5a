package iam

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// quoted returns a JSON list of strings.
func quoted(list ...string) string { return `["` + strings.Join(list, `","`) + `"]` }

const named, everything = `"arn:aws:test:eu-west-1:123456789012:named"`, `"*"`

// Actions that escalate a role's privileges, unless the policy limits them to named resources.
func TestEscalations(t *testing.T) {
	role := R(aws.Role, "named", Props{})
	others := strings.Fields(`iam:AddUserToGroup iam:AddRoleToInstanceProfile iam:DetachUserPolicy iam:DetachGroupPolicy iam:DeleteUserPolicy
		iam:DeleteGroupPolicy iam:DeletePolicyVersion iam:PutUserPermissionsBoundary lambda:UpdateFunctionCode
		lambda:UpdateFunctionConfiguration lambda:UpdateEventSourceMapping lambda:CreateEventSourceMapping lambda:UpdateAlias
		glue:UpdateDevEndpoint glue:CreateDevEndpoint glue:UpdateJob glue:UpdateJobFromSourceControl glue:StartJobRun glue:RunStatement
		glue:UpdateTrigger sts:AssumeRole sts:AssumeRoot sts:GetFederationToken ssm:SendCommand ssm:StartSession ssm:ResumeSession
		ssm:StartAutomationExecution ssm:StartChangeRequestExecution ssm:CreateAssociation ssm:CreateAssociationBatch
		ssm:UpdateAssociation ssm:StartAssociationsOnce ssm:RegisterTaskWithMaintenanceWindow ssm:UpdateMaintenanceWindowTask
		ssm:UpdateDocument ssm:UpdateDocumentDefaultVersion ec2-instance-connect:SendSSHPublicKey
		ec2-instance-connect:SendSerialConsoleSSHPublicKey ec2:ModifyInstanceAttribute ec2:AssociateIamInstanceProfile
		ec2:ReplaceIamInstanceProfileAssociation ec2:CreateReplaceRootVolumeTask ec2:CreateLaunchTemplateVersion
		ec2:ModifyLaunchTemplate ecs:ExecuteCommand ecs:UpdateService codebuild:StartBuild codebuild:StartBuildBatch
		codebuild:RetryBuild codebuild:RetryBuildBatch codebuild:StartSandbox codebuild:StartSandboxConnection
		codebuild:StartCommandExecution codebuild:UpdateProject cloudformation:UpdateStack cloudformation:CreateChangeSet
		cloudformation:ExecuteChangeSet cloudformation:UpdateStackSet cloudformation:CreateStackInstances
		cloudformation:UpdateStackInstances states:UpdateStateMachine states:UpdateStateMachineAlias states:StartExecution
		states:StartSyncExecution events:PutTargets scheduler:UpdateSchedule datapipeline:PutPipelineDefinition
		sagemaker:CreatePresignedNotebookInstanceUrl sagemaker:CreatePresignedDomainUrl sagemaker:UpdateNotebookInstance
		sagemaker:UpdateNotebookInstanceLifecycleConfig athena:StartSession athena:StartCalculationExecution
		athena:CreatePresignedNotebookUrl`)
	ofRoles := strings.Fields(`iam:PutRolePolicy iam:PutUserPolicy iam:PutGroupPolicy iam:AttachRolePolicy iam:AttachUserPolicy iam:AttachGroupPolicy
		iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:PutRolePermissionsBoundary iam:DeleteRolePermissionsBoundary
		iam:DeleteUserPermissionsBoundary iam:DeleteRolePolicy iam:DetachRolePolicy`)
	ofUsers := strings.Fields(`iam:CreateAccessKey iam:UpdateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:UploadSSHPublicKey
		iam:UpdateSSHPublicKey iam:CreateServiceSpecificCredential iam:ResetServiceSpecificCredential
		iam:UpdateServiceSpecificCredential iam:UploadSigningCertificate iam:UpdateSigningCertificate iam:DeactivateMFADevice
		iam:CreateVirtualMFADevice iam:EnableMFADevice iam:ResyncMFADevice iam:DeleteVirtualMFADevice`)
	ofTrust := strings.Fields(`iam:UpdateAssumeRolePolicy iam:CreateOpenIDConnectProvider iam:AddClientIDToOpenIDConnectProvider
		iam:UpdateOpenIDConnectProviderThumbprint iam:CreateSAMLProvider iam:UpdateSAMLProvider`)
	for _, action := range slices.Concat(others, ofRoles, ofUsers, ofTrust) {
		require.True(t, Finds(t, noPrivilegeEscalation, allow(quoted(action), everything)), action)
		require.False(t, Finds(t, noPrivilegeEscalation, granting(`{"Effect":"Deny","Action":"`+action+`","Resource":"*"}`)), action)
		user := allow(quoted(action), everything) // Not the role of a workload, which is more restricted.
		user[0].Type = aws.UserPolicy
		require.True(t, Finds(t, noPrivilegeEscalation, user), action)
	}
	for _, action := range others {
		replaces := slices.Contains(replacements, action) // A workload may not replace code or roles, even named ones.
		require.Equal(t, replaces, Finds(t, noPrivilegeEscalation, append(allow(quoted(action), named), role)), action)
	}
	for _, action := range ofRoles {
		require.True(t, Finds(t, noPrivilegeEscalation, append(allow(quoted(action), named), role)), "%s of a role of the stack", action)
		require.False(t, Finds(t, noPrivilegeEscalation, allow(quoted(action), named)), "%s of another role", action)
		require.False(t, Finds(t, noPrivilegeEscalation, append(allow(quoted(action), named), R(aws.Role, "other", Props{}))), "%s of another role", action)
	}
	for _, action := range slices.Concat(ofUsers, ofTrust) { // Even for named resources.
		require.True(t, Finds(t, noPrivilegeEscalation, allow(quoted(action), named)), action)
	}
	require.False(t, Finds(t, noPrivilegeEscalation, allow(`"s3:ListBucket"`, everything)))
}

// Passing any role, and starting something with it.
func TestRunners(t *testing.T) {
	pass := func(action, resources string) []Res {
		return granting(`[{"Effect":"Allow","Action":"iam:PassRole","Resource":` + resources + `},{"Effect":"Allow","Action":"` + action + `","Resource":` + named + `}]`)
	}
	for _, action := range strings.Fields(`ec2:RunInstances ec2:RunScheduledInstances ec2:RequestSpotInstances ec2:RequestSpotFleet ec2:CreateFleet
		ec2:AssociateIamInstanceProfile ec2:ReplaceIamInstanceProfileAssociation autoscaling:CreateAutoScalingGroup
		autoscaling:CreateLaunchConfiguration lambda:CreateFunction lambda:UpdateFunctionConfiguration glue:CreateJob glue:UpdateJob
		glue:CreateSession glue:CreateCrawler glue:UpdateCrawler glue:CreateDevEndpoint cloudformation:CreateStack
		cloudformation:CreateChangeSet cloudformation:CreateStackSet cloudformation:UpdateStack ecs:RunTask ecs:StartTask
		ecs:CreateService ecs:UpdateService ecs:RegisterTaskDefinition sagemaker:CreateNotebookInstance sagemaker:CreateTrainingJob
		sagemaker:CreateProcessingJob sagemaker:CreateTransformJob sagemaker:CreateModel sagemaker:CreateAutoMLJob
		sagemaker:CreateHyperParameterTuningJob datapipeline:CreatePipeline codebuild:CreateProject codebuild:UpdateProject
		states:CreateStateMachine states:UpdateStateMachine states:TestState ssm:StartAutomationExecution scheduler:CreateSchedule
		scheduler:UpdateSchedule pipes:CreatePipe pipes:UpdatePipe emr-serverless:StartJobRun emr-serverless:StartSession
		elasticmapreduce:RunJobFlow batch:RegisterJobDefinition athena:CreateWorkGroup athena:UpdateWorkGroup`) {
		require.True(t, Finds(t, noPrivilegeEscalation, pass(action, everything)), action)
		require.Equal(t, slices.Contains(replacements, action), Finds(t, noPrivilegeEscalation, pass(action, named)), action)
		user := pass(action, everything)
		user[0].Type = aws.UserPolicy
		require.True(t, Finds(t, noPrivilegeEscalation, user), action)
	}
	require.False(t, Finds(t, noPrivilegeEscalation, pass("glue:GetJob", everything)))
	// The two actions may be in different policies.
	const passes, runs = `{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}}`, `{"Statement":{"Effect":"Allow","Action":"glue:CreateJob","Resource":"x"}}`
	role, policy := R(aws.Role, "role", Props{"inlinePolicies": List{Props{"policy": passes}}}), R(aws.Policy, "policy", Props{"policy": runs})
	require.False(t, Finds(t, noPrivilegeEscalation, []Res{role, policy}), "the policy is not attached")
	for _, attached := range []Res{
		R(aws.RolePolicyAttachment, "attachment", Props{"role": Ref("role"), "policyArn": Arn("policy")}),
		R(aws.RolePolicy, "inline", Props{"role": Ref("role"), "policy": runs}),
	} {
		require.True(t, Finds(t, noPrivilegeEscalation, []Res{role, policy, attached}), attached.Type)
	}
	role.Props["managedPolicyArns"] = List{Arn("policy")}
	require.True(t, Finds(t, noPrivilegeEscalation, []Res{role, policy}), "attached by the role itself")
}

// A role that does not exist yet is identified by its name and path.
func TestChangingARoleByName(t *testing.T) {
	for resource, found := range map[string]bool{
		"arn:aws:iam::123456789012:role/team/app": true, "arn:aws:iam::${aws:PrincipalAccount}:role/team/a*": true,
		"arn:aws:iam*role/team/app": true, "arn:aws:i*m*role/team/a*": true, "arn:aws-cn:iam*role/team/app": true,
		"arn:aws:iam*role/app": false, "arn:aws:iam*user/team/*": false, "arn:aws:i*m*role/team/other": false,
		"arn:aws:iam::123456789012:role/app": false, "arn:aws:iam::123456789012:role/team/other": false,
		"arn:aws:i?m::*:*": true, "arn:*:role/team/app": true, "arn:aws:i*:role/team/app": true, "arn:aws:iam:*role/team/app": true,
		"arn:aws:iam::210987654321*": true, "arn:aws:?*:role/team/app": true, "arn:aws:*:*:*:*": true, "*:role/team/app": true, "*:iam::*role/team/app": true,
		"arn:aws:iam": true, "arn:aws:s3:::*": false, "arn:aws:s3": false, "arn:aws:s3*": false, "arn:*:s3:::*": false, "arn:aws:s3:*role/team/app": false, "arn:aws:iamx*": false,
	} {
		policy := R(aws.Policy, "policy", Props{"arn": "", "policy": `{"Statement":{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"` + resource + `"}}`})
		role := R(aws.Role, "role", Props{"arn": "", "name": "app", "path": "/team/"})
		require.Equal(t, found, Finds(t, noPrivilegeEscalation, []Res{role, policy}), resource)
	}
}

// Actions that change who may use a resource. Most are refused even for a named resource.
func TestManagement(t *testing.T) {
	opening := strings.Fields(`s3:PutBucketPolicy s3:PutBucketAcl s3:PutBucketPublicAccessBlock s3:PutAccountPublicAccessBlock
		s3:PutAccessPointPublicAccessBlock s3:DeleteBucketPolicy s3:PutAccessPointPolicy s3:DeleteAccessPointPolicy
		s3:PutAccessPointPolicyForObjectLambda s3:PutMultiRegionAccessPointPolicy s3:PutBucketOwnershipControls
		s3:PutReplicationConfiguration s3:PutBucketWebsite s3:CreateAccessGrant s3:CreateAccessGrantsLocation
		s3:UpdateAccessGrantsLocation s3:PutAccessGrantsInstanceResourcePolicy kms:PutKeyPolicy kms:ReplicateKey
		secretsmanager:PutResourcePolicy secretsmanager:DeleteResourcePolicy secretsmanager:ReplicateSecretToRegions
		lambda:AddPermission lambda:AddLayerVersionPermission lambda:PutResourcePolicy lambda:CreateFunctionUrlConfig
		lambda:UpdateFunctionUrlConfig glue:PutResourcePolicy glue:DeleteResourcePolicy lakeformation:GrantPermissions
		lakeformation:BatchGrantPermissions lakeformation:PutDataLakeSettings sns:AddPermission sns:SetTopicAttributes sqs:AddPermission
		sqs:SetQueueAttributes ssm:PutResourcePolicy ssm:ModifyDocumentPermission ecr:SetRepositoryPolicy ecr:DeleteRepositoryPolicy
		ecr:PutRegistryPolicy ecr:PutReplicationConfiguration events:PutPermission events:PutResourcePolicy logs:PutResourcePolicy
		logs:PutDestinationPolicy logs:PutDeliveryDestinationPolicy logs:PutSubscriptionFilter logs:PutAccountPolicy
		dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy kinesis:PutResourcePolicy kinesis:DeleteResourcePolicy
		ram:CreateResourceShare ram:AssociateResourceShare ram:UpdateResourceShare backup:PutBackupVaultAccessPolicy
		backup:DeleteBackupVaultAccessPolicy backup:PutBackupVaultSharingPolicy codebuild:PutResourcePolicy
		codebuild:UpdateProjectVisibility elasticfilesystem:PutFileSystemPolicy elasticfilesystem:DeleteFileSystemPolicy
		es:UpdateDomainConfig es:UpdateElasticsearchDomainConfig es:AuthorizeVpcEndpointAccess redshift:PutResourcePolicy
		redshift:AuthorizeDataShare redshift:AuthorizeEndpointAccess redshift:AuthorizeSnapshotAccess
		redshift:AuthorizeClusterSecurityGroupIngress rds:AuthorizeDBSecurityGroupIngress ec2:AuthorizeSecurityGroupIngress
		ec2:ModifySecurityGroupRules ec2:ModifyVpcEndpoint ec2:ModifyVpcEndpointServicePermissions ec2:PutResourcePolicy
		ec2:DisableImageBlockPublicAccess ec2:DisableSnapshotBlockPublicAccess ec2:ModifyVpcBlockPublicAccessOptions
		ec2:CreateVpcBlockPublicAccessExclusion ec2:CreateNetworkAclEntry ec2:ReplaceNetworkAclEntry`)
	for _, action := range opening {
		require.True(t, Finds(t, noPermissionsManagement, allow(quoted(action), named)), action)
	}
	for _, action := range []string{"s3:PutObjectAcl", "s3:PutObjectVersionAcl", "iam:TagRole"} {
		require.True(t, Finds(t, noPermissionsManagement, allow(quoted(action), everything)), action)
		require.False(t, Finds(t, noPermissionsManagement, allow(quoted(action), named)), action)
	}
	require.False(t, Finds(t, noPermissionsManagement, granting(`{"Effect":"Deny","Action":"*","Resource":"*"}`)))
	for _, action := range []string{"iam:GetRole", "iam:ListRoles", "iam:PassRole", "s3:GetObject"} {
		require.False(t, Finds(t, noPermissionsManagement, allow(quoted(action), everything)), action)
	}
	for condition, want := range map[string]bool{`{}`: true, `{"Bool":{"kms:GrantIsForAWSResource":"true"}}`: false, `{"Bool":{"kms:GrantIsForAWSResource":"false"}}`: true} {
		require.Equal(t, want, Finds(t, noPermissionsManagement, allow(`"kms:CreateGrant"`, named, condition)), condition)
	}
}

func TestPassingRoles(t *testing.T) {
	const glue = `{"StringEquals":{"iam:PassedToService":"glue.amazonaws.com"}}`
	require.False(t, Finds(t, passRoleScoped, allow(`"iam:PassRole"`, `"arn:aws:iam::123456789012:role/store"`, glue)))
	for _, resources := range []string{everything, `"arn:aws:iam::123456789012:role/store-*"`, `"arn:aws:iam::123456789012:role/store?"`} {
		require.True(t, Finds(t, passRoleScoped, allow(`"iam:PassRole"`, resources, glue)), resources)
	}
	require.True(t, Finds(t, passRoleScoped, allow(`"iam:PassRole"`, named)), "to any service")
	require.True(t, Finds(t, passRoleScoped, granting(`{"Effect":"Allow","Action":"iam:PassRole","NotResource":"arn:x","Condition":`+glue+`}`)))
	require.False(t, Finds(t, passRoleScoped, granting(`{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}`)))
}

// Actions that IAM cannot limit to resources, and those that need a condition.
func TestActionsWithoutResources(t *testing.T) {
	for _, action := range strings.Fields(`ec2:DescribeVpcs cloudwatch:GetMetricData cloudwatch:ListMetrics ec2messages:GetMessages ecr:GetAuthorizationToken
		glue:GetJobBookmark glue:UpdateJobBookmark glue:GetSecurityConfiguration logs:DescribeLogGroups s3:ListAllMyBuckets
		application-autoscaling:DescribeScalingPolicies athena:ListDataCatalogs athena:ListWorkGroups autoscaling:DescribeTags
		ce:GetCostForecast cloudwatch:DescribeAlarmsForMetric cloudwatch:GetMetricStatistics cloudwatch:ListDashboards dynamodb:ListTables
		elasticloadbalancing:DescribeTags glue:ListCrawlers glue:ListJobs kinesis:ListStreams kms:GenerateRandom kms:ListAliases kms:ListKeys
		lambda:GetAccountSettings lambda:ListFunctions logs:DescribeQueries logs:StopQuery pricing:GetProducts rds:DescribeDBEngineVersions
		rds:DescribeOrderableDBInstanceOptions secretsmanager:ListSecrets servicequotas:GetServiceQuota servicequotas:ListServices
		sns:ListTopics sqs:ListQueues ssm:DescribeParameters states:ListStateMachines sts:DecodeAuthorizationMessage tag:GetResources
		textract:DetectDocumentText
		secretsmanager:GetRandomPassword ssm:DescribeInstanceProperties ssm:GetDeployablePatchSnapshotForInstance ssm:UpdateInstanceInformation
		ssm:UpdateInstanceAssociationStatus ssm:PutInventory ssmmessages:OpenDataChannel sts:GetCallerIdentity xray:PutTraceSegments
		xray:GetSamplingRules`) {
		require.False(t, Finds(t, noWildcardResource, allow(quoted(action), everything)), action)
	}
	for _, action := range strings.Fields(`ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface
		ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses`) {
		require.True(t, Finds(t, noWildcardResource, allow(quoted(action), everything)), action)
		for _, key := range []string{"ec2:Vpc", "ec2:Subnet"} {
			require.False(t, Finds(t, noWildcardResource, allow(quoted(action), everything, `{"ArnEquals":{"`+key+`":"arn:x"}}`)), "%s by %s", action, key)
		}
	}
	for _, key := range []string{"aws:ResourceTag/team", "ec2:ResourceTag/team"} {
		tagged := `{"StringEquals":{"` + key + `":"store"}}`
		require.False(t, Finds(t, noWildcardResource, allow(`"ec2:DeleteNetworkInterface"`, everything, tagged)), key)
		require.True(t, Finds(t, noWildcardResource, allow(`"ec2:CreateNetworkInterface"`, everything, tagged)), key)
	}
	require.True(t, Finds(t, noWildcardResource, allow(`"cloudwatch:PutMetricData"`, everything)))
	require.False(t, Finds(t, noWildcardResource, allow(`"cloudwatch:PutMetricData"`, everything, `{"StringEquals":{"cloudwatch:namespace":"store"}}`)))
}

// Uses of a kind of resource. A NotAction excepts all but one, so that each is tested separately.
func TestUsesOfResources(t *testing.T) {
	all := strings.Fields(`sns:Publish sqs:SendMessage sqs:PurgeQueue lambda:InvokeFunction lambda:DeleteFunction rds:DeleteDBInstance rds:ModifyDBInstance
		dynamodb:DeleteTable dynamodb:PutItem glue:DeleteTable glue:UpdateTable glue:DeleteDatabase glue:DeleteJob kms:DisableKey
		kms:ScheduleKeyDeletion secretsmanager:DeleteSecret secretsmanager:UpdateSecret logs:DeleteLogGroup ec2:TerminateInstances
		ec2:StopInstances s3:DeleteBucket events:PutEvents kinesis:PutRecord ecr:PutImage athena:DeleteWorkGroup ssm:PutParameter
		dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:PartiQLUpdate events:DisableRule glue:StartJobRun logs:DeleteLogStream
		logs:PutRetentionPolicy s3:PutBucketLogging states:StartExecution`)
	for i, action := range all {
		service, _, _ := strings.Cut(action, ":")
		but := func(excepted []string) []Res {
			return granting(`{"Effect":"Allow","NotAction":` + quoted(excepted...) + `,"Resource":"arn:aws:` + service + `:*:*:*"}`)
		}
		require.True(t, Finds(t, noWildcardResource, but(slices.Delete(slices.Clone(all), i, i+1))), action)
		require.False(t, Finds(t, noWildcardResource, but(all)), action)
	}
	require.True(t, Finds(t, noWildcardResource, granting(`{"Effect":"Allow","NotAction":`+quoted(all...)+`,"Resource":"*"}`)), "all but the uses")
}

func TestChanges(t *testing.T) {
	for _, verb := range strings.Fields(`Accept Activate Add Apply Assign Associate Attach Authorize Backtrack Bypass Cancel Change Confirm Continue
		Copy Deactivate Deauthorize Decrease Delete Deprovision Deregister Derive Detach Disable Disassociate
		Dissociate Enable Execute Export Failover Import Increase Initiate Inject Invoke Label Lock Merge Modify Move
		Notify Pause Promote Publish Purge Put Reboot Redrive Reject Release Remove Rename Replace Replicate Reset
		Restore Resume Retire Retry Revoke Rollback Rotate Run Schedule Send Set Sign Split Start Stop Submit
		Subscribe Suspend Switchover Synchronize Terminate Unassign Unlabel Unlock Unsubscribe Update Upgrade`) {
		require.True(t, isChange("rds:"+verb+"Thing"), verb)
		require.True(t, isChange("RDS:"+verb[:2]+"*"), verb)
		require.True(t, isChange("rds:?"+verb[1:]+"?*"), verb)
		require.True(t, Finds(t, noWildcardResource, allow(`"rds:`+verb+`Thing"`, `"arn:aws:rds:*:*:db:*"`)), verb)
	}
	for _, action := range []string{"rds:DescribeDBInstances", "rds:Des*", "logs:PutLogEvents", "rds:RemoveTags", "ssm:PutInventory", "xray:PutTraceSegments", "delete:Thing"} {
		require.False(t, isChange(action), action)
	}
	for _, action := range []string{"dynamodb:PartiQLDelete", "glue:BatchUpdatePartition", "glue:BatchGet*"} {
		require.Equal(t, action != "glue:BatchGet*", isChange(action), action)
	}
}

// The permissions that Lambda needs to attach a function to a VPC are accepted if the function's code is denied them.
func TestInterfacesOfFunctions(t *testing.T) {
	actions := strings.Fields(`ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets
		ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses`)
	document := func(allowed, denied []string, effect, resources, condition string) []Res {
		return granting(`[{"Effect":"Allow","Action":` + quoted(allowed...) + `,"Resource":"*"},{"Effect":"` + effect + `","Action":` +
			quoted(denied...) + `,"Resource":` + resources + `,"Condition":` + condition + `}]`)
	}
	const code = `{"ArnEquals":{"lambda:SourceFunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:f"}}`
	for _, condition := range []string{code, strings.Replace(code, "ArnEquals", "ArnLike", 1)} {
		require.False(t, Finds(t, noWildcardResource, document(actions, actions, "Deny", everything, condition)), condition)
		require.False(t, Finds(t, noWildcardResource, document(actions[:1], actions, "Deny", everything, condition)), condition)
	}
	for name, example := range map[string][]Res{
		"an action more":       document(append([]string{"ec2:RunInstances"}, actions...), append([]string{"ec2:RunInstances"}, actions...), "Deny", everything, code),
		"an action not denied": document(actions, actions[1:], "Deny", everything, code),
		"denied on one":        document(actions, actions, "Deny", named, code),
		"two conditions":       document(actions, actions, "Deny", everything, `{"ArnEquals":{"lambda:SourceFunctionArn":"arn:f","aws:SourceArn":"arn:f"}}`),
		"another key":          document(actions, actions, "Deny", everything, `{"ArnEquals":{"aws:SourceArn":"arn:f"}}`),
		"another operator":     document(actions, actions, "Deny", everything, `{"StringNotEquals":{"lambda:SourceFunctionArn":"arn:f"}}`),
		"two functions":        document(actions, actions, "Deny", everything, `{"ArnEquals":{"lambda:SourceFunctionArn":["arn:f","arn:g"]}}`),
	} {
		require.True(t, Finds(t, noWildcardResource, example), name)
	}
}

func TestReadsOfData(t *testing.T) {
	for _, action := range strings.Fields(`s3:GetObject s3:GetObjectVersion s3:GetObjectTorrent s3:GetObjectVersionTorrent s3:GetObjectVersionForReplication
		s3:GetObjectAnnotation s3:GetDataAccess s3:ReplicateObject secretsmanager:GetSecretValue secretsmanager:BatchGetSecretValue
		ssm:GetParameter ssm:GetParameters ssm:GetParametersByPath ssm:GetParameterHistory rds-db:connect rds-data:ExecuteStatement
		rds-data:BatchExecuteStatement rds-data:ExecuteSql rds:ModifyDBSnapshotAttribute rds:ModifyDBClusterSnapshotAttribute
		rds:CopyDBSnapshot rds:CopyDBClusterSnapshot rds:RestoreDBInstanceFromDBSnapshot rds:RestoreDBInstanceToPointInTime
		rds:RestoreDBClusterFromSnapshot rds:RestoreDBClusterToPointInTime rds:CreateDBInstanceReadReplica rds:DownloadCompleteDBLogFile
		rds:DownloadDBLogFilePortion rds:StartExportTask rds:StartActivityStream ec2:ModifySnapshotAttribute ec2:ModifyImageAttribute
		ec2:CopySnapshot ec2:CopyImage ec2:CreateStoreImageTask ec2:ExportImage ec2:CreateInstanceExportTask ec2:GetPasswordData
		ec2:GetConsoleOutput ec2:GetConsoleScreenshot ec2:CreateTrafficMirrorSession ebs:GetSnapshotBlock athena:GetQueryResults
		athena:GetQueryResultsStream dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect
		dynamodb:GetRecords dynamodb:ExportTableToPointInTime dynamodb:RestoreTableFromBackup dynamodb:RestoreTableToPointInTime
		kinesis:GetRecords kinesis:SubscribeToShard logs:GetLogEvents logs:FilterLogEvents logs:StartQuery logs:StartLiveTail
		logs:GetLogRecord logs:Unmask logs:CreateExportTask sns:Subscribe sqs:ReceiveMessage codecommit:GitPull codecommit:GetFile
		codecommit:GetBlob codecommit:GetFolder lambda:GetFunction lambda:GetFunctionConfiguration redshift:GetClusterCredentials
		redshift:GetClusterCredentialsWithIAM redshift:RestoreFromClusterSnapshot redshift-data:ExecuteStatement
		redshift-data:BatchExecuteStatement redshift-data:GetStatementResult glue:GetConnection glue:GetConnections
		glue:GetEntityRecords glue:GetStatement events:RetrieveConnectionCredentials elasticfilesystem:ClientMount es:ESHttpGet es:ESHttpPost backup:StartRestoreJob
		backup:CopyFromBackupVault states:GetExecutionHistory`) {
		require.True(t, Finds(t, noDataExfiltration, allow(quoted(action), everything)), action)
		require.False(t, Finds(t, noDataExfiltration, allow(quoted(action), named)), action)
	}
	for _, action := range []string{"kms:Decrypt", "kms:ReEncryptFrom"} {
		require.True(t, Finds(t, kmsDecryptScoped, allow(quoted(action), everything)), action)
	}
}

func TestTrustedServices(t *testing.T) {
	trust := func(service, more string) []Res {
		return trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` + service + `"}` + more + `}`)
	}
	for _, service := range strings.Fields("glue lambda ec2 vpc-flow-logs monitoring.rds events scheduler rds") {
		require.False(t, Finds(t, oneServicePerRole, trust(service+".amazonaws.com", "")), service)
	}
	require.True(t, Finds(t, oneServicePerRole, trust("appflow.amazonaws.com", "")))
	require.False(t, Finds(t, oneServicePerRole, trust("*", "")), "another rule reports everyone")
	for service, of := range map[string]string{
		"redshift": "aws:redshift/cluster:Cluster", "ecs-tasks": "aws:ecs/taskDefinition:TaskDefinition", "eks": "aws-native:eks:Cluster",
		"pods.eks": "aws:eks/cluster:Cluster", "states": "aws:sfn/stateMachine:StateMachine", "es": "aws:opensearch/domain:Domain",
		"opensearchservice": "aws:opensearch/domain:Domain", "config": "aws:cfg/recorder:Recorder", "elasticmapreduce": "aws:emr/cluster:Cluster",
		"firehose": "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "edgelambda": "aws:cloudfront/distribution:Distribution",
		"eks-fargate-pods": "aws:eks/fargateProfile:FargateProfile", "airflow": "aws:mwaa/environment:Environment",
		"airflow-env": "aws:mwaa/environment:Environment", "logs": "aws:cloudwatch/logGroup:LogGroup",
	} {
		require.True(t, Finds(t, oneServicePerRole, trust(service+".amazonaws.com", "")), service)
		require.False(t, Finds(t, oneServicePerRole, append(trust(service+".amazonaws.com", ""), R(of, "use", Props{}))), service)
		require.True(t, Finds(t, oneServicePerRole, append(trust(service+".amazonaws.com.example", ""), R(of, "use", Props{}))), service)
	}
	for _, service := range strings.Fields("vpc-flow-logs events monitoring.rds scheduler") {
		require.True(t, Finds(t, trustConfusedDeputy, trust(service+".amazonaws.com", "")), service)
		require.False(t, Finds(t, trustConfusedDeputy, trust(service+".amazonaws.com", `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}`)), service)
	}
	require.False(t, Finds(t, trustConfusedDeputy, trust("glue.amazonaws.com", "")))
	for kind, condition := range map[string]bool{"cognito-identity.amazonaws.com:aud": false, "graph.facebook.com:aud": true, "saml:sub_type": false, "x:sub": false, "x:amr": true, "cognito-identity.amazonaws.com:amr": true} {
		statement := `{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"p"},"Condition":{"StringEquals":{"` + kind + `":"abcdef"}}}`
		require.Equal(t, condition, Finds(t, trustSpecificPrincipal, trusting(statement)), kind)
	}
	for condition, want := range map[string]bool{
		`{}`: true, `{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/r"}}`: false,
		`{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:root"}}`: true, `{"StringEquals":{"aws:username":"u"}}`: true,
	} {
		require.Equal(t, want, Finds(t, trustSpecificPrincipal, trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Condition":`+condition+`}`)), condition)
	}
}

func TestOneServiceForEachRole(t *testing.T) {
	role := R(aws.Role, "role", Props{"assumeRolePolicy": `{"Statement":` + trustGlue + `}`})
	users := []Res{
		R(aws.GlueJob, "job", Props{"roleArn": Arn("role")}), R(aws.GlueCrawler, "crawler", Props{"role": Arn("role")}),
		R(aws.Function, "function", Props{"role": Arn("role")}), R(aws.InstanceProfile, "profile", Props{"role": Ref("role")}),
	}
	kinds := map[string]string{"job": "jobs", "crawler": "crawlers", "function": "functions", "profile": "instances"}
	for i, first := range users {
		require.False(t, Finds(t, oneServicePerRole, []Res{role, first}))
		for _, second := range users[i+1:] {
			findings := oneServicePerRole.CheckStack(Build(t, []Res{role, first, second}, rule.Settings{}))
			require.Len(t, findings, 1, "%s and %s", first.Name, second.Name)
			require.Equal(t, "the role is shared by "+kinds[first.Name]+" and "+kinds[second.Name], findings[0].Message)
		}
	}
	trust := func(services ...string) []Res {
		return trusting(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":` + quoted(services...) + `}}`)
	}
	require.False(t, Finds(t, oneServicePerRole, trust("glue.amazonaws.com", "glue.amazonaws.com")))
	require.True(t, Finds(t, oneServicePerRole, trust("glue.amazonaws.com", "ec2.amazonaws.com")))
	again := trusting(`[` + trustGlue + `,{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}},` + trustGlue + `]`)
	require.True(t, Finds(t, oneServicePerRole, again))
}

func TestTypesOfResources(t *testing.T) {
	for _, kind := range []string{
		aws.User, aws.AccessKey, aws.UserPolicy, aws.UserPolicyAttachment, aws.UserLoginProfile, aws.Group, aws.GroupPolicy, aws.GroupPolicyAttachment, aws.PolicyAttachment,
	} {
		require.True(t, Finds(t, noUsersOrKeys, []Res{R(kind, "x", Props{})}), kind)
	}
	foreign := `{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Principal":{"AWS":"arn:aws:iam::999999999999:root"}}}`
	for _, kind := range []string{aws.Key, aws.Secret, aws.SecretPolicy, aws.Topic, aws.TopicPolicy, aws.Queue, aws.QueuePolicy, aws.GlueResourcePolicy, aws.EventBusPolicy} {
		require.True(t, Finds(t, resourcePolicyOwnAccount, []Res{R(kind, "x", Props{"policy": foreign})}), kind)
	}
	for _, kind := range []string{aws.RolePolicy, aws.Policy, aws.UserPolicy, aws.GroupPolicy} {
		require.True(t, Finds(t, noDataExfiltration, []Res{R(kind, "x", Props{"policy": `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`})}), kind)
	}
	for policy, want := range map[string][2]bool{ // Administration, and broad resources.
		"AdministratorAccess": {true, true}, "PowerUserAccess": {true, true}, "IAMFullAccess": {true, true}, "AmazonS3ReadOnlyAccess": {false, true},
		"service-role/AWSLambdaBasicExecutionRole": {false, false}, "service-role/AWSLambdaVPCAccessExecutionRole": {false, false},
		"AmazonSSMManagedInstanceCore": {false, false}, "service-role/AmazonRDSEnhancedMonitoringRole": {false, false},
	} {
		for _, kind := range []string{aws.RolePolicyAttachment, aws.UserPolicyAttachment, aws.GroupPolicyAttachment, aws.PolicyAttachment} {
			example := []Res{R(kind, "x", Props{"policyArn": "arn:aws:iam::aws:policy/" + policy})}
			require.Equal(t, want, [2]bool{Finds(t, noAdministratorAccess, example), Finds(t, noBroadManagedPolicy, example)}, "%s %s", kind, policy)
		}
	}
}

// An existing policy may be attached if the stack's configuration names it.
func TestConfiguredPolicy(t *testing.T) {
	const company = "arn:aws:iam::123456789012:policy/company"
	example := []Res{R(aws.RolePolicyAttachment, "a", Props{"policyArn": company})}
	settings := rule.DefaultSettings(rule.Prod)
	require.NotEmpty(t, noBroadManagedPolicy.Stack(Build(t, example, settings)))
	require.Empty(t, noBroadManagedPolicy.Stack(Build(t, example, settings.WithConfigured(map[string]string{"a:policy": company}))))
}
