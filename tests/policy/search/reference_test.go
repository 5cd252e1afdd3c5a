package search

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/pack"
)

// others are prefixes of actions that do not change existing resources: they read, create, tag, or pass something on.
var others = regexp.MustCompile(`^(Batch)?(Get|List|Describe|Search|Query|Filter|View|Check|Test|Validate|Verify|Simulate|Create|Allocate|Request|Register|Purchase|Provision|Tag|Untag|Generate|Pass|Use|Assume|Upload|Monitor|Unmonitor)|Tags$`)

// exempt are changes that a compliant stack may allow on all resources of a type.
var exempt = strings.Fields(`cloudwatch:PutMetricData kms:Encrypt kms:ReEncryptTo logs:PutLogEvents ec2:ReportInstanceStatus
	ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses ec2:DeleteNetworkInterface ssm:UpdateInstanceAssociationStatus ssm:UpdateInstanceInformation
	events:AllowVendedLogDeliveryForResource s3:AllowVendedLogDeliveryForResource glue:FederateAuthorization glue:RefreshOAuth2Tokens
	logs:IntegrateWithDataset logs:IntegrateWithS3Table logs:ProcessWithPipeline rds:CrossRegionCommunication
	ec2:AssociateEnclaveCertificateIamRole ec2:DisassociateEnclaveCertificateIamRole s3:DeleteAccessGrant s3:DeleteAccessGrantsLocation
	s3:AbortMultipartUpload s3:ObjectOwnerOverrideToBucketOwner`)

// The pack refuses every action of AWS's reference that changes an existing resource, if it is allowed on all resources
// of the type. The reference is the local AWS's copy.
func TestEveryChangeOfAllResources(t *testing.T) {
	text, err := os.ReadFile("../../../localaws/iam/actions/table.json")
	require.NoError(t, err)
	var table struct {
		Services map[string]struct {
			Resources map[string]string
			Actions   map[string][]string
		}
	}
	require.NoError(t, json.Unmarshal(text, &table))
	policies, err := pack.New(pack.Stack{Project: "store-events", Name: "prod"})
	require.NoError(t, err)
	k := subjects()[0]
	usual := k.refusals(policies, `{"Version":"2012-10-17","Statement":[]}`)
	variable := regexp.MustCompile(`\$\{\w+\}`)
	tried := 0
	for name, service := range table.Services {
		for action, kinds := range service.Actions {
			var all []string
			for _, kind := range kinds {
				arn := service.Resources[strings.TrimSuffix(kind, "!")]
				if variable.MatchString(arn) {
					all = append(all, strings.NewReplacer("{p}", "aws", "{r}", "eu-west-1", "{a}", account).Replace(variable.ReplaceAllString(arn, "*")))
				}
			}
			if others.MatchString(action) || len(all) == 0 || slices.Contains(exempt, name+":"+action) {
				continue
			}
			document, err := json.Marshal(object{"Statement": object{"Effect": "Allow", "Action": name + ":" + action, "Resource": all}})
			require.NoError(t, err)
			tried++
			refused := false
			for id := range k.refusals(policies, string(document)) {
				refused = refused || !usual[id]
			}
			if !refused {
				t.Errorf("%s", document)
			}
		}
	}
	require.Greater(t, tried, 500)
}
