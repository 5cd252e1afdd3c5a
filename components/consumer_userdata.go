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

// userData returns the script with this stack's names filled in. It contains no
// credentials: the helper reads the secret for each query.
func userData(args *ConsumerArgs) pulumi.StringOutput {
	names := pulumi.All(args.Database.ReaderSecretArn, args.Storage.AuthoritiesURL)
	return names.ApplyT(func(names []any) string {
		secret, authorities := names[0].(string), names[1].(string)
		return strings.NewReplacer(
			"@REGION@", args.Environment.Region, "@SECRET_ARN@", secret, "@AUTHORITIES@", authorities,
		).Replace(userDataScript)
	}).(pulumi.StringOutput)
}
