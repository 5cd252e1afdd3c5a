package aws

// Taggable lists the known types that have tags. The inputs of an untagged resource do not show whether its type
// can have any.
var Taggable = []string{
	Bucket, BucketObject, Key, Secret, InstanceProfile, Policy, Role, User,
	DefaultSecurityGroup, DefaultSubnet, DefaultVpc, Eip, FlowLog, InternetGateway, NatGateway, RouteTable, SecurityGroup,
	SecurityGroupEgress, SecurityGroupIngress, Subnet, Vpc, VpcEndpoint,
	DBInstance, DBParameterGroup, DBSubnetGroup, Function, Instance, Detector, Parameter, DBSnapshot,
	AthenaWorkgroup, CatalogDatabase, GlueConnection, GlueCrawler, GlueDevEndpoint, GlueJob, GlueMLTransform, GlueTrigger,
	CompositeAlarm, DBEvents, DBOptionGroup, DefaultNetworkACL, DefaultRouteTable, NetworkACL, PrefixList,
	Budget, EventRule, LogGroup, MetricAlarm, Topic, Queue, EventSource, "aws:glue/workflow:Workflow",
}
