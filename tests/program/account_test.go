package program

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
)

// Values that AWS refuses or misinterprets, although provider and emulator accept them.

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

// The consumer uploads many rows in parts.
func TestRowsReachTheBucket(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		bucket := "arn:aws:s3:::" + s.Outputs[output.Bucket].(string)
		for _, action := range []string{"s3:PutObject", "s3:AbortMultipartUpload"} {
			require.Equal(t, []string{bucket + "/command-output/*"}, s.allowed(t, "consumer", action))
			var through []string
			for _, st := range statements(t, s.one("aws:ec2/vpcEndpoint:VpcEndpoint", "-s3").Get(t, "policy")) {
				if slices.Contains(st.Action, action) {
					through = append(through, st.Resource...)
				}
			}
			require.Contains(t, through, bucket+"/*", action)
		}
	})
}

func TestDependencies(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		logging := s.one("aws:s3/bucketLoggingV2:BucketLoggingV2", "")
		require.True(t, logging.WaitsFor(s.one("aws:s3/bucketPolicy:BucketPolicy", "-logs-policy")), "S3 tries to write a log")
		consumer := s.consumer()
		made := s.all("aws:lambda/invocation:Invocation")
		require.NotEmpty(t, made)
		for _, user := range made {
			require.True(t, consumer.WaitsFor(user), "it logs in when it starts")
		}
		way := s.one("aws:ec2/route:Route", "-public-internet")
		for _, client := range []pulumitest.Resource{s.one("aws:glue/job:Job", ""), consumer, s.one("aws:lambda/function:Function", "-rotation")} {
			require.Equal(t, s.config.Network.Translates(), client.WaitsFor(way), client.Name)
		}
	})
}
