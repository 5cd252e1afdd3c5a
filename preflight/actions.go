package preflight

import (
	"maps"
	"slices"
)

// nameEndpoint is the action that EC2 authorizes when it enables an endpoint's private names.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
const nameEndpoint = "route53:AssociateVPCWithHostedZone"

// actions maps the type of a resource to the actions with which the AWS provider creates
// and reads it, except for attributes that the stack does not set.
// https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
var actions = map[string][]string{
	"aws:athena/namedQuery:NamedQuery":                                     {"athena:CreateNamedQuery", "athena:GetNamedQuery"},
	"aws:athena/workgroup:Workgroup":                                       {"athena:CreateWorkGroup", "athena:GetWorkGroup", "athena:TagResource", "athena:ListTagsForResource"},
	"aws:budgets/budget:Budget":                                            {"budgets:ModifyBudget", "budgets:ViewBudget", "budgets:TagResource", "budgets:ListTagsForResource"},
	"aws:cloudwatch/dashboard:Dashboard":                                   {"cloudwatch:PutDashboard", "cloudwatch:GetDashboard"},
	"aws:cloudwatch/eventRule:EventRule":                                   {"events:PutRule", "events:DescribeRule", "events:TagResource", "events:ListTagsForResource"},
	"aws:cloudwatch/eventTarget:EventTarget":                               {"events:PutTargets", "events:ListTargetsByRule"},
	"aws:cloudwatch/logGroup:LogGroup":                                     {"logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:AssociateKmsKey", "logs:DescribeLogGroups", "logs:TagResource", "logs:ListTagsForResource"},
	"aws:cloudwatch/metricAlarm:MetricAlarm":                               {"cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:TagResource", "cloudwatch:ListTagsForResource"},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":                    {"ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:CreateTags"},
	"aws:ec2/eip:Eip":                                                      {"ec2:AllocateAddress", "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute", "ec2:CreateTags"},
	"aws:ec2/flowLog:FlowLog":                                              {"ec2:CreateFlowLogs", "ec2:DescribeFlowLogs", "ec2:CreateTags", "iam:PassRole", "logs:CreateLogDelivery"},
	"aws:ec2/instance:Instance":                                            {"ec2:RunInstances", "ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeInstanceAttribute", "ec2:DescribeInstanceCreditSpecifications", "ec2:DescribeImages", "ec2:DescribeTags", "ec2:ModifyInstanceAttribute", "ec2:DescribeVolumes", "ec2:CreateTags", "iam:PassRole", "ssm:GetParameter", "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
	"aws:ec2/internetGateway:InternetGateway":                              {"ec2:CreateInternetGateway", "ec2:AttachInternetGateway", "ec2:DescribeInternetGateways", "ec2:CreateTags"},
	"aws:ec2/natGateway:NatGateway":                                        {"ec2:CreateNatGateway", "ec2:DescribeNatGateways", "ec2:CreateTags"},
	"aws:ec2/route:Route":                                                  {"ec2:CreateRoute", "ec2:DescribeRouteTables"},
	"aws:ec2/routeTable:RouteTable":                                        {"ec2:CreateRouteTable", "ec2:DescribeRouteTables", "ec2:CreateTags"},
	"aws:ec2/routeTableAssociation:RouteTableAssociation":                  {"ec2:AssociateRouteTable", "ec2:DescribeRouteTables"},
	"aws:ec2/securityGroup:SecurityGroup":                                  {"ec2:CreateSecurityGroup", "ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupEgress", "ec2:CreateTags"},
	"aws:ec2/subnet:Subnet":                                                {"ec2:CreateSubnet", "ec2:DescribeSubnets", "ec2:CreateTags"},
	"aws:ec2/vpc:Vpc":                                                      {"ec2:CreateVpc", "ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:ModifyVpcAttribute", "ec2:DescribeNetworkAcls", "ec2:DescribeAvailabilityZones", "ec2:CreateTags"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                                      {"ec2:CreateVpcEndpoint", "ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists", "ec2:CreateTags", nameEndpoint},
	"aws:glue/catalogDatabase:CatalogDatabase":                             {"glue:CreateDatabase", "glue:GetDatabase", "glue:TagResource", "glue:GetTags"},
	"aws:glue/catalogTable:CatalogTable":                                   {"glue:CreateTable", "glue:GetTable", "glue:GetPartitionIndexes"},
	"aws:glue/connection:Connection":                                       {"glue:CreateConnection", "glue:GetConnection", "glue:TagResource", "glue:GetTags"},
	"aws:glue/crawler:Crawler":                                             {"glue:CreateCrawler", "glue:GetCrawler", "glue:TagResource", "glue:GetTags", "iam:PassRole"},
	"aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings": {"glue:PutDataCatalogEncryptionSettings", "glue:GetDataCatalogEncryptionSettings"},
	"aws:glue/job:Job":                                                     {"glue:CreateJob", "glue:GetJob", "glue:TagResource", "glue:GetTags", "iam:PassRole"},
	"aws:glue/securityConfiguration:SecurityConfiguration":                 {"glue:CreateSecurityConfiguration", "glue:GetSecurityConfiguration"},
	"aws:glue/trigger:Trigger":                                             {"glue:CreateTrigger", "glue:GetTrigger", "glue:TagResource", "glue:GetTags"},
	"aws:glue/workflow:Workflow":                                           {"glue:CreateWorkflow", "glue:GetWorkflow", "glue:TagResource", "glue:GetTags"},
	"aws:iam/instanceProfile:InstanceProfile":                              {"iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:GetInstanceProfile", "iam:TagInstanceProfile"},
	"aws:iam/role:Role":                                                    {"iam:CreateRole", "iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:TagRole"},
	"aws:iam/rolePolicy:RolePolicy":                                        {"iam:PutRolePolicy", "iam:GetRolePolicy"},
	"aws:kms/alias:Alias":                                                  {"kms:CreateAlias", "kms:ListAliases"},
	"aws:kms/key:Key":                                                      {"kms:CreateKey", "kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:TagResource"},
	"aws:lambda/eventSourceMapping:EventSourceMapping":                     {"lambda:CreateEventSourceMapping", "lambda:GetEventSourceMapping", "lambda:TagResource", "lambda:ListTags"},
	"aws:lambda/function:Function":                                         {"lambda:CreateFunction", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:ListVersionsByFunction", "lambda:TagResource", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "iam:PassRole", "kms:CreateGrant", "kms:Encrypt", "kms:Decrypt"},
	"aws:lambda/invocation:Invocation":                                     {"lambda:InvokeFunction"},
	"aws:lambda/permission:Permission":                                     {"lambda:AddPermission", "lambda:GetPolicy"},
	"aws:rds/instance:Instance":                                            {"rds:CreateDBInstance", "rds:DescribeDBInstances", "rds:AddTagsToResource", "rds:ListTagsForResource", "kms:CreateGrant", "kms:DescribeKey", "iam:CreateServiceLinkedRole"},
	"aws:rds/parameterGroup:ParameterGroup":                                {"rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup", "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:AddTagsToResource", "rds:ListTagsForResource"},
	"aws:rds/subnetGroup:SubnetGroup":                                      {"rds:CreateDBSubnetGroup", "rds:DescribeDBSubnetGroups", "rds:AddTagsToResource", "rds:ListTagsForResource"},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {"s3:PutLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                               {"s3:PutBucketLogging", "s3:GetBucketLogging"},
	"aws:s3/bucketNotification:BucketNotification":                         {"s3:PutBucketNotification", "s3:GetBucketNotification"},
	"aws:s3/bucketObjectv2:BucketObjectv2":                                 {"s3:PutObject", "s3:GetObject", "s3:PutObjectTagging", "s3:GetObjectTagging", "kms:GenerateDataKey", "kms:Decrypt"},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":               {"s3:PutBucketOwnershipControls", "s3:GetBucketOwnershipControls"},
	"aws:s3/bucketPolicy:BucketPolicy":                                     {"s3:PutBucketPolicy", "s3:GetBucketPolicy"},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":               {"s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {"s3:PutEncryptionConfiguration", "s3:GetEncryptionConfiguration"},
	"aws:s3/bucketV2:BucketV2":                                  {"s3:CreateBucket", "s3:ListBucket", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketWebsite", "s3:GetBucketVersioning", "s3:GetAccelerateConfiguration", "s3:GetBucketRequestPayment", "s3:GetBucketLogging", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:GetEncryptionConfiguration", "s3:GetBucketObjectLockConfiguration", "s3:PutBucketTagging", "s3:GetBucketTagging"},
	"aws:s3/bucketVersioningV2:BucketVersioningV2":              {"s3:PutBucketVersioning", "s3:GetBucketVersioning"},
	"aws:secretsmanager/secret:Secret":                          {"secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:TagResource", "kms:GenerateDataKey", "kms:Decrypt"},
	"aws:secretsmanager/secretRotation:SecretRotation":          {"secretsmanager:RotateSecret", "secretsmanager:DescribeSecret", "lambda:InvokeFunction"},
	"aws:secretsmanager/secretVersion:SecretVersion":            {"secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"},
	"aws:sns/topic:Topic":                                       {"sns:CreateTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:TagResource", "sns:ListTagsForResource"},
	"aws:sns/topicPolicy:TopicPolicy":                           {"sns:SetTopicAttributes", "sns:GetTopicAttributes"},
	"aws:sns/topicSubscription:TopicSubscription":               {"sns:Subscribe", "sns:GetSubscriptionAttributes"},
	"aws:sqs/queue:Queue":                                       {"sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:ListQueueTags"},
	"aws:sqs/queuePolicy:QueuePolicy":                           {"sqs:SetQueueAttributes", "sqs:GetQueueAttributes"},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {"ec2:AuthorizeSecurityGroupEgress", "ec2:DescribeSecurityGroupRules", "ec2:CreateTags"},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"ec2:AuthorizeSecurityGroupIngress", "ec2:DescribeSecurityGroupRules", "ec2:CreateTags"},
}

// Actions returns the IAM actions that creating any stack of the program may require,
// sorted.
func Actions() []string {
	list := slices.Concat(slices.Collect(maps.Values(actions))...)
	slices.Sort(list)
	return slices.Compact(list)
}
