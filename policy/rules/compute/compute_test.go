package compute

import (
	"encoding/base64"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
)

func TestRules(t *testing.T) {
	instance := func(props Props) []Res { return []Res{R(aws.Instance, "instance", props)} }
	metadata := func(key string, v any) []Res { return instance(Props{"metadataOptions": Props{key: v}}) }
	root := func(props Props, others ...any) []Res {
		return instance(Props{"rootBlockDevice": props, "ebsBlockDevices": others})
	}
	placed := func(gateway any) []Res {
		return []Res{
			R(aws.Instance, "instance", Props{"subnetId": Ref("subnet")}),
			R(aws.Subnet, "subnet", Props{}), R(aws.RouteTable, "table", Props{}), R(aws.InternetGateway, "igw", Props{}),
			R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
			R(aws.Route, "route", Props{"routeTableId": Ref("table"), "gatewayId": gateway}),
		}
	}
	const script = "mysql --password=correct-horse -h db"
	Run(t, Rules(), []Case{
		{
			Rule: "ec2-imdsv2", Property: "metadataOptions.httpTokens",
			Compliant: metadata("httpTokens", "required"), Violating: metadata("httpTokens", "optional"),
		},
		{
			Rule: "ec2-imds-hop-limit", Property: "metadataOptions.httpPutResponseHopLimit", Missing: Passes,
			Compliant: metadata("httpPutResponseHopLimit", 1), Violating: metadata("httpPutResponseHopLimit", 2),
		},
		{
			Rule: "ec2-no-public-ip", Property: "associatePublicIpAddress",
			Compliant:    instance(Props{"associatePublicIpAddress": false}),
			Violating:    instance(Props{"associatePublicIpAddress": true}),
			AlsoViolates: map[string][]Res{"by Eip": append(instance(Props{"associatePublicIpAddress": false}), R(aws.Eip, "eip", Props{"instance": Ref("instance")}))},
		},
		{
			Rule: "ec2-private-subnet", Property: "subnetId",
			Compliant: placed("vgw-1"), Violating: placed(Ref("igw")),
		},
		{
			Rule: "ec2-ebs-encrypted", Property: "rootBlockDevice.encrypted",
			Compliant:    root(Props{"encrypted": true}, Props{"encrypted": true}),
			Violating:    root(Props{"encrypted": false}),
			AlsoViolates: map[string][]Res{"second volume": root(Props{"encrypted": true}, Props{"encrypted": false}), "nothing said": instance(Props{})},
		},
		{
			Rule: "ec2-ebs-cmk", Property: "rootBlockDevice.kmsKeyId", UnknownPasses: true,
			Compliant: root(Props{"kmsKeyId": "arn:x"}), Violating: root(Props{}),
		},
		{
			Rule: "ec2-instance-profile", Property: "iamInstanceProfile",
			Compliant: append(instance(Props{"iamInstanceProfile": Attr("profile", "name")}), R(aws.InstanceProfile, "profile", Props{})),
			Violating: instance(Props{}),
		},
		{
			Rule: "ec2-user-data-no-secret", Property: "userData", Missing: Passes,
			Compliant: instance(Props{"userData": `mysql --password="$PASSWORD" -h db`}), Violating: instance(Props{"userData": script}),
			AlsoViolates: map[string][]Res{"encoded": instance(Props{"userDataBase64": base64.StdEncoding.EncodeToString([]byte(script))})},
		},
		{
			Rule: "ec2-no-key-pair", Property: "keyName", Missing: Passes,
			Compliant: instance(Props{"keyName": ""}), Violating: instance(Props{"keyName": "admin"}),
		},
		{
			Rule: "ec2-detailed-monitoring", Property: "monitoring",
			Compliant: instance(Props{"monitoring": true}), Violating: instance(Props{"monitoring": false}),
		},
		{
			Rule: "ec2-ebs-optimized", Property: "ebsOptimized",
			Compliant: instance(Props{"ebsOptimized": true}), Violating: instance(Props{"ebsOptimized": false}),
		},
		{
			Rule: "ec2-single-eni-source-check", Property: "networkInterfaces", Missing: Passes,
			Compliant:    instance(Props{"networkInterfaces": List{Props{}}}),
			Violating:    instance(Props{"networkInterfaces": List{Props{}, Props{}}}),
			AlsoViolates: map[string][]Res{"forwards": instance(Props{"sourceDestCheck": false})},
		},
		{
			Rule: "ec2-instance-type-allowed", Property: "instanceType",
			Compliant: instance(Props{"instanceType": "t3.micro"}), Violating: instance(Props{"instanceType": "t2.micro"}),
			AlsoPasses: map[string][]Res{"compute": instance(Props{"instanceType": "c7gn.large"})},
		},
	})
}
