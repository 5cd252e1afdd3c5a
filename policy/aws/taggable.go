package aws

// Taggable are the known types that have tags. A resource that has none yet doesn't show in its inputs whether it could.
var Taggable = []string{
	Bucket, BucketObject, Key, Secret, InstanceProfile, Policy, Role, User,
	DefaultSecurityGroup, DefaultSubnet, DefaultVpc, Eip, FlowLog, InternetGateway, NatGateway, RouteTable, SecurityGroup,
	SecurityGroupEgress, SecurityGroupIngress, Subnet, Vpc, VpcEndpoint,
	DBInstance, DBParameterGroup, DBSubnetGroup, Function, Instance,
	AthenaWorkgroup, CatalogDatabase, GlueConnection, GlueCrawler, GlueDevEndpoint, GlueJob, GlueMLTransform, GlueTrigger,
	Budget, EventRule, LogGroup, MetricAlarm, Topic, "aws:glue/workflow:Workflow",
}
