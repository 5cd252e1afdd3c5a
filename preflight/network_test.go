package preflight

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"
)

func TestBlockedInternetGatewaysAreReported(t *testing.T) {
	nat := Plan{Resources: []Resource{{Type: "aws:ec2/natGateway:NatGateway"}}}
	instance := Plan{Resources: []Resource{{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"associatePublicIpAddress": true}}}}
	private := Plan{Resources: []Resource{{Type: "aws:ec2/instance:Instance", Inputs: map[string]any{"associatePublicIpAddress": false}}}}
	const options = `<DescribeVpcBlockPublicAccessOptionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpcBlockPublicAccessOptions>` +
		`<internetGatewayBlockMode>%s</internetGatewayBlockMode></vpcBlockPublicAccessOptions></DescribeVpcBlockPublicAccessOptionsResponse>`
	const failure = `<Response><Errors><Error><Code>%s</Code><Message>no</Message></Error></Errors></Response>`
	for name, tc := range map[string]struct {
		plan   Plan
		status int
		answer string
		want   Status
	}{
		"blocked":                            {nat, 200, fmt.Sprintf(options, "block-bidirectional"), Problem},
		"only ingress":                       {nat, 200, fmt.Sprintf(options, "block-ingress"), OK},
		"a NAT instance is blocked":          {instance, 200, fmt.Sprintf(options, "block-bidirectional"), Problem},
		"ingress of a NAT instance":          {instance, 200, fmt.Sprintf(options, "block-ingress"), Problem},
		"a NAT instance that is not blocked": {instance, 200, fmt.Sprintf(options, "off"), OK},
		"a private instance":                 {private, 500, "", OK},
		"off":                                {nat, 200, fmt.Sprintf(options, "off"), OK},
		"not needed":                         {Plan{}, 500, "", OK},
		"no such setting":                    {nat, 400, fmt.Sprintf(failure, "InvalidAction"), OK},
		"denied":                             {nat, 403, fmt.Sprintf(failure, "UnauthorizedOperation"), Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = fmt.Fprint(w, tc.answer)
			}))
			defer server.Close()
			clients := NewClients(aws.Config{
				Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
				RetryMaxAttempts: 1,
			})
			found, err := publicAccess(t.Context(), &run{Clients: clients, plan: tc.plan})
			if tc.want == Unknown {
				require.Error(t, err)
				require.True(t, denied(err))
				return
			}
			require.NoError(t, err)
			require.Len(t, found, 1)
			require.Equal(t, tc.want, found[0].Status)
		})
	}
}
