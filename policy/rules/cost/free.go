package cost

import "store-events/policy/aws"

// Reasons why a type is free.
const (
	nothing    = "free of charge"
	byData     = "billed by data volume"
	byRequests = "billed by request"
	elsewhere  = "billed with another resource"
)

// free lists the types that cost nothing while idle, with the reason.
var free = map[string]string{
	aws.Bucket: byData, aws.BucketObject: byData, aws.LogGroup: byData, aws.FlowLog: byData, aws.BucketLogging: byData,
	aws.BucketVersioning: byData, aws.CatalogDatabase: byData, aws.CatalogTable: byData,
	aws.BucketACL: nothing, aws.BucketEncryption: nothing, aws.BucketLifecycle: nothing, aws.BucketOwnership: nothing,
	aws.BucketPolicy: nothing, aws.BucketPublicAccess: nothing, aws.BucketWebsite: nothing,
	aws.SecretPolicy: nothing, aws.SecretRotation: nothing, aws.SecretVersion: elsewhere, "aws:kms/alias:Alias": nothing,
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": nothing,
	aws.AccessKey: nothing, aws.InstanceProfile: nothing, aws.Policy: nothing, aws.PolicyAttachment: nothing, aws.Role: nothing,
	aws.RolePolicy: nothing, aws.RolePolicyAttachment: nothing, aws.User: nothing, aws.UserPolicyAttachment: nothing,
	aws.UserPolicy: nothing, aws.UserLoginProfile: nothing, aws.Group: nothing, aws.GroupPolicy: nothing, aws.GroupPolicyAttachment: nothing,
	aws.DefaultSecurityGroup: nothing, aws.DefaultSubnet: nothing, aws.DefaultVpc: nothing, aws.InternetGateway: nothing,
	aws.Route: nothing, aws.RouteTable: nothing, aws.RouteTableAssociation: nothing, aws.SecurityGroup: nothing,
	aws.SecurityGroupEgress: nothing, aws.SecurityGroupIngress: nothing, aws.SecurityGroupRule: nothing, aws.Subnet: nothing, aws.Vpc: nothing,
	aws.DBParameterGroup: nothing, aws.DBSubnetGroup: nothing, aws.LambdaPermission: nothing,
	"aws:lambda/invocation:Invocation": byRequests, aws.Function: byRequests, aws.FunctionURL: byRequests, aws.AthenaWorkgroup: byRequests, aws.AthenaNamedQuery: nothing, aws.AthenaPrepared: nothing,
	aws.EventRule: byRequests, aws.EventTarget: byRequests, aws.Topic: byRequests, aws.TopicPolicy: nothing, aws.TopicSubscription: byRequests,
	aws.Queue: byRequests, aws.QueuePolicy: nothing, aws.EventSource: byRequests, aws.BucketNotification: nothing,
	aws.CatalogEncryption: nothing, aws.GlueConnection: nothing, aws.GlueResourcePolicy: nothing, aws.GlueSecurity: nothing,
	aws.GlueTrigger: elsewhere, "aws:glue/workflow:Workflow": elsewhere, aws.Budget: nothing,
	aws.AccountPublicAccess: nothing, aws.DefaultNetworkACL: nothing, aws.DefaultRouteTable: nothing, aws.EipAssociation: nothing,
	aws.EndpointRouteTable: nothing, aws.NetworkACL: nothing, aws.NetworkACLRule: nothing, aws.PrefixList: nothing,
	aws.PrefixListEntry: nothing, aws.DBOptionGroup: nothing, aws.DBEvents: nothing, aws.LambdaAlias: nothing,
	aws.GluePartition: byData, aws.EncryptionByDefault: nothing,
	aws.ImagePublicAccess: nothing, aws.MetadataDefaults: nothing, aws.PasswordPolicy: nothing,
	aws.SnapshotPublicAccess: nothing, aws.TraceEncryption: nothing, aws.VpcPublicAccess: nothing,
	aws.ConfigRecorderStatus: elsewhere, aws.Detector: byData, aws.Parameter: byRequests,
	aws.BucketCors: nothing, aws.BucketInventory: byData, aws.DBSnapshot: byData, aws.EventBusPolicy: nothing,
	"aws:lambda/codeSigningConfig:CodeSigningConfig": nothing,
}
