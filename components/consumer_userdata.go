package components

import (
	_ "embed"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// userDataScript prepares the instance at its first start.
//
//go:embed consumer.sh
var userDataScript string

// userData is the script with the region and the secret's ARN filled in. It holds
// no credential: the helper reads the secret at each query.
func userData(args *ConsumerArgs) pulumi.StringOutput {
	return args.Database.SecretArn.ApplyT(func(arn string) string {
		return strings.NewReplacer("@REGION@", args.Site.Region, "@SECRET_ARN@", arn).Replace(userDataScript)
	}).(pulumi.StringOutput)
}
