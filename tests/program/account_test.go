package program

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
	"store-events/schema"
)

// What AWS refuses or misunderstands, although provider and emulator accept it.

var ec2Description = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func TestDescriptionsAreAcceptedByEC2(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		seen := 0
		for _, r := range s.Resources {
			described := strings.HasPrefix(r.Type, "aws:ec2/") || strings.HasPrefix(r.Type, "aws:vpc/")
			if text, ok := r.Inputs["description"].(string); ok && described {
				seen++
				require.Regexp(t, ec2Description, text, r.Name)
			}
		}
		require.Greater(t, seen, 10)
	})
}

// Lambda checks the role without a subnet, so that neither an ARN nor a condition
// on one works, and the function's own code may do nothing of it.
func TestLambdaMayAttachTheRotationToTheVpc(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		// Those of AWSLambdaVPCAccessExecutionRole.
		actions := []string{
			"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
			"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
		}
		function := s.one("aws:lambda/function:Function", "-rotation")
		var effects []string
		for _, st := range statements(t, s.one("aws:iam/rolePolicy:RolePolicy", "-rotation-policy").Get(t, "policy")) {
			if !strings.HasPrefix(st.Action[0], "ec2:") {
				continue
			}
			effects = append(effects, st.Effect)
			require.ElementsMatch(t, actions, st.Action)
			require.Equal(t, []string{"*"}, st.Resource)
			if st.Effect == "Allow" {
				require.Empty(t, st.Condition)
				continue
			}
			own := "arn:aws:lambda:" + region + ":" + account + ":function:" + function.Get(t, "name").(string)
			require.Equal(t, map[string]map[string]any{"ArnEquals": {"lambda:SourceFunctionArn": own}}, st.Condition)
		}
		require.Equal(t, []string{"Allow", "Deny"}, effects)
	})
}

func TestGlueMayDeleteInterfacesWithoutASubnetAtHand(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, st := range statements(t, s.one("aws:iam/rolePolicy:RolePolicy", "-job-policy").Get(t, "policy")) {
			if slices.Contains(st.Action, "ec2:DeleteNetworkInterface") {
				require.Empty(t, st.Condition)
				require.Equal(t, []string{"arn:aws:ec2:" + region + ":" + account + ":network-interface/*"}, st.Resource)
			}
		}
		require.Equal(t, []string{"*"}, s.allowed(t, "job", "glue:UpdateJobBookmark"))
	})
}

func TestCrawlerReachesAllTablesAndTheBucketItself(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, action := range []string{"glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition"} {
			require.Contains(t, s.allowed(t, "crawler", action), "arn:aws:glue:"+region+":"+account+":table/miztiik_sales_db_"+s.name+"/*")
		}
		for _, st := range statements(t, s.one("aws:iam/rolePolicy:RolePolicy", "-crawler-policy").Get(t, "policy")) {
			if slices.Contains(st.Action, "s3:ListBucket") {
				require.Empty(t, st.Condition, "HeadBucket has no prefix")
			}
		}
	})
}

func TestOutputOfCommandsMayHaveAnACL(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		output := []string{"arn:aws:s3:::" + s.Outputs[output.Bucket].(string) + "/command-output/*"}
		require.Equal(t, output, s.allowed(t, "consumer", "s3:PutObjectAcl"))
		var through []string
		for _, st := range statements(t, s.one("aws:ec2/vpcEndpoint:VpcEndpoint", "-s3").Get(t, "policy")) {
			if slices.Contains(st.Action, "s3:PutObjectAcl") {
				through = append(through, st.Resource...)
			}
		}
		require.Equal(t, output, through)
	})
}

func TestEndpointsReachThisAccountOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, e := range s.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
			for _, st := range statements(t, e.Get(t, "policy")) {
				if st.Sid == "ReadWhatAWSPublishes" {
					require.Equal(t, []string{"s3:GetObject"}, st.Action)
					for _, resource := range st.Resource {
						require.NotContains(t, strings.TrimSuffix(resource, "/*"), "*", "others may have a bucket that matches a pattern")
						require.Contains(t, resource, region)
					}
					continue
				}
				require.Equal(t, account, st.Condition["StringEquals"]["aws:PrincipalAccount"], e.Name)
				operator := "StringEquals"
				if e.Get(t, "vpcEndpointType") == "Interface" {
					operator = "StringEqualsIfExists" // Some actions have no resource.
				}
				require.Equal(t, account, st.Condition[operator]["aws:ResourceAccount"], e.Name)
			}
		}
	})
}

func TestProducerUsesTheKeyThroughServicesOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, st := range statements(t, s.one("aws:iam/rolePolicy:RolePolicy", "-producer-policy").Get(t, "policy")) {
			if st.Sid == "UseKey" {
				require.Equal(t, map[string]map[string]any{"StringEquals": {"kms:ViaService": []any{
					"s3." + region + ".amazonaws.com", "lambda." + region + ".amazonaws.com",
				}}}, st.Condition)
			}
		}
	})
}

func TestWhatMustBeThereFirst(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		logging := s.one("aws:s3/bucketLoggingV2:BucketLoggingV2", "")
		require.True(t, logging.WaitsFor(s.one("aws:s3/bucketPolicy:BucketPolicy", "-logs-policy")), "S3 tries to write a log")
		consumer := s.one("aws:ec2/instance:Instance", "")
		made := s.all("aws:lambda/invocation:Invocation")
		require.NotEmpty(t, made)
		for _, user := range made {
			require.True(t, consumer.WaitsFor(user), "it logs in when it starts")
		}
		way := s.one("aws:ec2/route:Route", "-public-internet")
		for _, client := range []pulumitest.Resource{s.one("aws:glue/job:Job", ""), consumer, s.one("aws:lambda/function:Function", "-rotation")} {
			require.Equal(t, s.config.Network.NatGateways > 0, client.WaitsFor(way), client.Name)
		}
	})
}

// A choice of the program is for new subnets; one of the configuration is meant.
func TestZonesOfSubnetsThatExist(t *testing.T) {
	settings, err := readStack("dev")
	require.NoError(t, err)
	for pinned, want := range map[string]struct{ zones, ignored []string }{
		"":                                      {[]string{region + "a", region + "b"}, []string{"availabilityZone"}},
		`["` + region + `c","` + region + `a"]`: {[]string{region + "c", region + "a"}, nil},
	} {
		settings["availabilityZones"] = pinned
		s, err := deploy("dev", settings)
		require.NoError(t, err)
		s.t = t
		for i, zone := range want.zones {
			subnet := s.one("aws:ec2/subnet:Subnet", "-db-"+string(rune('1'+i)))
			require.Equal(t, zone, subnet.Get(t, "availabilityZone"))
			require.Equal(t, want.ignored, subnet.Ignored)
		}
	}
	settings["availabilityZones"] = `["` + region + `x","` + region + `a"]`
	_, err = deploy("dev", settings)
	require.ErrorContains(t, err, `store-events:availabilityZones: "`+region+`x" is not allowed: use 2 of the zones of `+region)
}

func TestContractDays(t *testing.T) {
	require.Equal(t, schema.DayRange{First: "2010-01-01", Ahead: 31}, schema.Load().Days)
}
