// Package original declares the system that this project re-creates, with its published weaknesses, to show that the
// policies report them. It is never deployed. Unknown settings have the services' defaults.
package original

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

const (
	name = "store-events"
	// bucketName is fixed, so that the policies and addresses below are known. In a first preview, values that depend on
	// new resources would be unknown.
	bucketName     = "miztiik-store-events"
	databaseName   = "store_events"
	databaseUser   = "mystiquemaster"
	databaseServer = "store-events.example.eu-west-1.rds.amazonaws.com"
)

// Deploy declares the whole system.
func Deploy(ctx *pulumi.Context) error {
	n := newNetwork(ctx)
	storage(ctx)
	secret := database(ctx, n)
	etl(ctx, n, secret)
	producer(ctx)
	consumer(ctx, n)
	return nil
}

// must returns the resource. An error is a bug in this program; the engine reports the panic.
func must[R any](resource R, err error) R {
	if err != nil {
		panic(err)
	}
	return resource
}
