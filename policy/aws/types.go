// Package aws defines the resource types that the rules check, spelled as in pulumi-aws v6.
package aws

// Storage and keys.
const (
	Bucket             = "aws:s3/bucketV2:BucketV2"
	BucketCors         = "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2"
	BucketInventory    = "aws:s3/inventory:Inventory"
	BucketACL          = "aws:s3/bucketAclV2:BucketAclV2"
	BucketEncryption   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	BucketLifecycle    = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	BucketLogging      = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	BucketObject       = "aws:s3/bucketObjectv2:BucketObjectv2"
	BucketNotification = "aws:s3/bucketNotification:BucketNotification"
	BucketOwnership    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	BucketPolicy       = "aws:s3/bucketPolicy:BucketPolicy"
	BucketPublicAccess = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	BucketVersioning   = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	BucketWebsite      = "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2"
	Key                = "aws:kms/key:Key"
	KeyAlias           = "aws:kms/alias:Alias"
	Secret             = "aws:secretsmanager/secret:Secret"
	SecretPolicy       = "aws:secretsmanager/secretPolicy:SecretPolicy"
	SecretRotation     = "aws:secretsmanager/secretRotation:SecretRotation"
	SecretVersion      = "aws:secretsmanager/secretVersion:SecretVersion"
	Parameter          = "aws:ssm/parameter:Parameter"
	RandomPassword     = "random:index/randomPassword:RandomPassword"
)

// Identity.
const (
	AccessKey             = "aws:iam/accessKey:AccessKey"
	Group                 = "aws:iam/group:Group"
	GroupPolicy           = "aws:iam/groupPolicy:GroupPolicy"
	GroupPolicyAttachment = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
	InstanceProfile       = "aws:iam/instanceProfile:InstanceProfile"
	Policy                = "aws:iam/policy:Policy"
	PolicyAttachment      = "aws:iam/policyAttachment:PolicyAttachment"
	Role                  = "aws:iam/role:Role"
	RolePolicy            = "aws:iam/rolePolicy:RolePolicy"
	RolePolicyAttachment  = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	User                  = "aws:iam/user:User"
	UserLoginProfile      = "aws:iam/userLoginProfile:UserLoginProfile"
	UserPolicy            = "aws:iam/userPolicy:UserPolicy"
	UserPolicyAttachment  = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
)

// Network.
const (
	DefaultSecurityGroup  = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	DefaultSubnet         = "aws:ec2/defaultSubnet:DefaultSubnet"
	DefaultVpc            = "aws:ec2/defaultVpc:DefaultVpc"
	Eip                   = "aws:ec2/eip:Eip"
	FlowLog               = "aws:ec2/flowLog:FlowLog"
	EipAssociation        = "aws:ec2/eipAssociation:EipAssociation" //nolint:gosec // A type.
	DefaultNetworkACL     = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	DefaultRouteTable     = "aws:ec2/defaultRouteTable:DefaultRouteTable"
	EndpointRouteTable    = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
	NetworkACL            = "aws:ec2/networkAcl:NetworkAcl"
	NetworkACLRule        = "aws:ec2/networkAclRule:NetworkAclRule"
	PrefixList            = "aws:ec2/managedPrefixList:ManagedPrefixList"
	PrefixListEntry       = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
	InternetGateway       = "aws:ec2/internetGateway:InternetGateway"
	NatGateway            = "aws:ec2/natGateway:NatGateway"
	Route                 = "aws:ec2/route:Route"
	RouteTable            = "aws:ec2/routeTable:RouteTable"
	RouteTableAssociation = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	SecurityGroup         = "aws:ec2/securityGroup:SecurityGroup"
	SecurityGroupEgress   = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	SecurityGroupIngress  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	SecurityGroupRule     = "aws:ec2/securityGroupRule:SecurityGroupRule"
	Subnet                = "aws:ec2/subnet:Subnet"
	Vpc                   = "aws:ec2/vpc:Vpc"
	VpcEndpoint           = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

// Compute and databases.
const (
	DBInstance       = "aws:rds/instance:Instance"
	DBOptionGroup    = "aws:rds/optionGroup:OptionGroup"
	DBEvents         = "aws:rds/eventSubscription:EventSubscription"
	DBParameterGroup = "aws:rds/parameterGroup:ParameterGroup"
	DBSnapshot       = "aws:rds/snapshot:Snapshot"
	DBSubnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	Function         = "aws:lambda/function:Function"
	FunctionURL      = "aws:lambda/functionUrl:FunctionUrl"
	Instance         = "aws:ec2/instance:Instance"
	LambdaAlias      = "aws:lambda/alias:Alias"
	LambdaPermission = "aws:lambda/permission:Permission"
	EventSource      = "aws:lambda/eventSourceMapping:EventSourceMapping"
)

// Data.
const (
	AthenaNamedQuery   = "aws:athena/namedQuery:NamedQuery"
	AthenaPrepared     = "aws:athena/preparedStatement:PreparedStatement"
	AthenaWorkgroup    = "aws:athena/workgroup:Workgroup"
	CatalogDatabase    = "aws:glue/catalogDatabase:CatalogDatabase"
	CatalogEncryption  = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
	CatalogTable       = "aws:glue/catalogTable:CatalogTable"
	GluePartition      = "aws:glue/partition:Partition"
	GlueConnection     = "aws:glue/connection:Connection"
	GlueCrawler        = "aws:glue/crawler:Crawler"
	GlueDevEndpoint    = "aws:glue/devEndpoint:DevEndpoint"
	GlueJob            = "aws:glue/job:Job"
	GlueMLTransform    = "aws:glue/mLTransform:MLTransform"
	GlueResourcePolicy = "aws:glue/resourcePolicy:ResourcePolicy"
	GlueSecurity       = "aws:glue/securityConfiguration:SecurityConfiguration"
	GlueTrigger        = "aws:glue/trigger:Trigger"
)

// Observability.
const (
	CompositeAlarm    = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	Budget            = "aws:budgets/budget:Budget"
	Dashboard         = "aws:cloudwatch/dashboard:Dashboard"
	EventBusPolicy    = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
	EventRule         = "aws:cloudwatch/eventRule:EventRule"
	EventTarget       = "aws:cloudwatch/eventTarget:EventTarget"
	LogGroup          = "aws:cloudwatch/logGroup:LogGroup"
	MetricAlarm       = "aws:cloudwatch/metricAlarm:MetricAlarm"
	Queue             = "aws:sqs/queue:Queue"
	QueuePolicy       = "aws:sqs/queuePolicy:QueuePolicy"
	Topic             = "aws:sns/topic:Topic"
	TopicPolicy       = "aws:sns/topicPolicy:TopicPolicy"
	TopicSubscription = "aws:sns/topicSubscription:TopicSubscription"
)

// Settings of the whole account and region.
const (
	AccountPublicAccess  = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
	ConfigRecorderStatus = "aws:cfg/recorderStatus:RecorderStatus"
	Detector             = "aws:guardduty/detector:Detector"
	EncryptionByDefault  = "aws:ebs/encryptionByDefault:EncryptionByDefault"
	ImagePublicAccess    = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
	MetadataDefaults     = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
	PasswordPolicy       = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy" //nolint:gosec // A type.
	SnapshotPublicAccess = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
	TraceEncryption      = "aws:xray/encryptionConfig:EncryptionConfig"
	VpcPublicAccess      = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"
)

// Stack is the engine's type for the root of a stack.
const Stack = "pulumi:pulumi:Stack"
