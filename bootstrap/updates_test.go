package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy/rolepolicy"
	"store-events/preflight"
	"store-events/tests/policy/recording"
)

// updates are the actions that the AWS provider calls to update a resource in place, by type, for the attributes that
// the program sets. Other types are replaced, or updated by the action that creates them.
// https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
var updates = map[string][]string{
	"aws:athena/namedQuery:NamedQuery":                                     nil,
	"aws:athena/workgroup:Workgroup":                                       {"athena:UpdateWorkGroup", "athena:TagResource", "athena:UntagResource"},
	"aws:budgets/budget:Budget":                                            {"budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"},
	"aws:cloudwatch/dashboard:Dashboard":                                   {"cloudwatch:PutDashboard"},
	"aws:cloudwatch/eventRule:EventRule":                                   {"events:PutRule", "events:TagResource", "events:UntagResource"},
	"aws:cloudwatch/eventTarget:EventTarget":                               {"events:PutTargets"},
	"aws:cloudwatch/logGroup:LogGroup":                                     {"logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy", "logs:AssociateKmsKey", "logs:DisassociateKmsKey", "logs:TagResource", "logs:UntagResource"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                               {"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":                    {"ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/eip:Eip":                                                      {"ec2:DisassociateAddress", "ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/flowLog:FlowLog":                                              {"ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/instance:Instance":                                            {"ec2:ModifyInstanceAttribute", "ec2:ModifyInstanceMetadataOptions", "ec2:ModifyNetworkInterfaceAttribute", "ec2:ModifyVolume", "ec2:DescribeVolumesModifications", "ec2:StopInstances", "ec2:StartInstances"},
	"aws:ec2/internetGateway:InternetGateway":                              {"ec2:AttachInternetGateway", "ec2:DetachInternetGateway"},
	"aws:ec2/natGateway:NatGateway":                                        {"ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/route:Route":                                                  {"ec2:ReplaceRoute"},
	"aws:ec2/routeTable:RouteTable":                                        {"ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":                  {"ec2:ReplaceRouteTableAssociation"},
	"aws:ec2/securityGroup:SecurityGroup":                                  {"ec2:CreateTags", "ec2:DeleteTags"},
	"aws:ec2/subnet:Subnet":                                                {"ec2:ModifySubnetAttribute"},
	"aws:ec2/vpc:Vpc":                                                      {"ec2:ModifyVpcAttribute"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                      {"ec2:ModifyVpcEndpoint"},
	"aws:glue/catalogDatabase:CatalogDatabase":                             {"glue:UpdateDatabase", "glue:TagResource", "glue:UntagResource"},
	"aws:glue/catalogTable:CatalogTable":                                   {"glue:UpdateTable"},
	"aws:glue/connection:Connection":                                       {"glue:UpdateConnection"},
	"aws:glue/crawler:Crawler":                                             {"glue:UpdateCrawler"},
	"aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings": {"glue:PutDataCatalogEncryptionSettings"},
	"aws:glue/job:Job":                                                     {"glue:UpdateJob"},
	"aws:glue/securityConfiguration:SecurityConfiguration":                 nil,
	"aws:glue/trigger:Trigger":                                             {"glue:UpdateTrigger", "glue:StartTrigger", "glue:StopTrigger"},
	"aws:glue/workflow:Workflow":                                           {"glue:UpdateWorkflow"},
	"aws:iam/instanceProfile:InstanceProfile":                              {"iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:UntagInstanceProfile"},
	"aws:iam/role:Role":                                                    {"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:TagRole", "iam:UntagRole"},
	"aws:iam/rolePolicy:RolePolicy":                                        {"iam:PutRolePolicy"},
	"aws:kms/alias:Alias":                                                  {"kms:UpdateAlias"},
	"aws:kms/key:Key":                                                      {"kms:UpdateKeyDescription", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:TagResource", "kms:UntagResource"},
	"aws:lambda/eventSourceMapping:EventSourceMapping":                     {"lambda:UpdateEventSourceMapping", "lambda:TagResource", "lambda:UntagResource"},
	"aws:lambda/function:Function":                                         {"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "iam:PassRole", "kms:CreateGrant", "kms:Encrypt"},
	"aws:lambda/invocation:Invocation":                                     {"lambda:InvokeFunction"},
	"aws:lambda/permission:Permission":                                     nil,
	"aws:rds/instance:Instance":                                            {"rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:AddTagsToResource", "rds:RemoveTagsFromResource"},
	"aws:rds/parameterGroup:ParameterGroup":                                {"rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup"},
	"aws:rds/subnetGroup:SubnetGroup":                                      {"rds:ModifyDBSubnetGroup"},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {"s3:PutLifecycleConfiguration"},
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                               {"s3:PutBucketLogging"},
	"aws:s3/bucketNotification:BucketNotification":                         {"s3:PutBucketNotification"},
	"aws:s3/bucketObjectv2:BucketObjectv2":                                 {"s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObjectTagging"},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {"s3:PutBucketOwnershipControls"},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {"s3:PutBucketPolicy"},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {"s3:PutBucketPublicAccessBlock"},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {"s3:PutEncryptionConfiguration"},
	"aws:s3/bucketV2:BucketV2":                                  {"s3:PutBucketTagging"},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":              {"s3:PutBucketVersioning"},
	"aws:secretsmanager/secret:Secret":                          {"secretsmanager:UpdateSecret", "secretsmanager:TagResource", "secretsmanager:UntagResource", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
	"aws:secretsmanager/secretRotation:SecretRotation":          {"secretsmanager:RotateSecret", "secretsmanager:CancelRotateSecret"},
	"aws:secretsmanager/secretVersion:SecretVersion":            {"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"},
	"aws:sns/topic:Topic":                                       {"sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"},
	"aws:sns/topicPolicy:TopicPolicy":                           {"sns:SetTopicAttributes"},
	"aws:sns/topicSubscription:TopicSubscription":               {"sns:SetSubscriptionAttributes"},
	"aws:sqs/queue:Queue":                                       {"sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"},
	"aws:sqs/queuePolicy:QueuePolicy":                           {"sqs:SetQueueAttributes"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {"ec2:ModifySecurityGroupRules"},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"ec2:ModifySecurityGroupRules"},
}

// notLocal are actions missing from the lists of a local stack, which lacks the resources that need them.
var notLocal = map[string]string{
	"ec2:AllocateAddress":                   "a NAT gateway",
	"ec2:CreateNatGateway":                  "a NAT gateway",
	"ec2:DescribeAddresses":                 "a NAT gateway",
	"ec2:DescribeAddressesAttribute":        "a NAT gateway",
	"ec2:DescribeNatGateways":               "a NAT gateway",
	"ec2:DisassociateAddress":               "a NAT gateway",
	"glue:GetDataCatalogEncryptionSettings": "the encryption of the account's catalog",
	"glue:PutDataCatalogEncryptionSettings": "the encryption of the account's catalog",
	"sns:GetSubscriptionAttributes":         "alertEmail",
	"sns:SetSubscriptionAttributes":         "alertEmail",
	"sns:Subscribe":                         "alertEmail",
}

// printed returns the actions in the policies that `up --as` prints.
func printed(t *testing.T) map[string]bool {
	t.Helper()
	var needs []rolepolicy.Statement
	for action, resources := range needed(t, "dev") {
		needs = append(needs, rolepolicy.Statement{Effect: "Allow", Action: []string{action}, Resource: resources})
	}
	actions := map[string]bool{}
	for _, s := range rolepolicy.WithTeardown(needs) {
		for _, action := range s.Action {
			actions[action] = true
		}
	}
	return actions
}

func TestPrintedListIsComplete(t *testing.T) {
	has := printed(t)
	wanted := preflight.Actions()
	for _, calls := range updates {
		wanted = append(wanted, calls...)
	}
	var missing []string
	for _, action := range wanted {
		if !has[action] && notLocal[action] == "" {
			missing = append(missing, action)
		}
	}
	slices.Sort(missing)
	require.Empty(t, slices.Compact(missing), "add them to deploy/rolepolicy/actions.go, or to what the local AWS requires")
	for action, of := range notLocal {
		require.False(t, has[action], "%s is in the list, although a local stack lacks %s", action, of)
	}
}

func TestTheRoleMayUpdateWhatTheProgramRegisters(t *testing.T) {
	c := callerWith(t, "github-store-events-dev", map[string]string{"catalogEnvironment": "dev"})
	for _, env := range []string{"dev", "prod"} {
		for _, settings := range []recording.Settings{{"store-events:trigger": "both"}, {"store-events:paused": "true"}} {
			program, err := recording.Record("..", env, settings)
			require.NoError(t, err)
			for _, r := range program.Resources {
				if !strings.HasPrefix(r.Type, "aws:") {
					continue
				}
				calls, known := updates[r.Type]
				require.True(t, known, "%s: which actions update it?", r.Type)
				for _, action := range calls {
					require.True(t, c.covers(action) || withheld[action] != "", "%s of %s", action, r.Type)
				}
			}
		}
	}
}
