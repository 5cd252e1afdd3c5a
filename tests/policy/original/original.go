// Package original declares the system that this one re-creates with the weak points that it was published with, so that
// the policies are seen to name them. Nothing deploys it. What is not known of it has the services' defaults.
package original

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

const (
	name = "store-events"
	// bucketName is set, and the policies and addresses below are written with it, as they are once the stack exists:
	// what depends on a resource still to be made is not known to a first preview.
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

// must gives the resource. An error can only come from a mistake in this program; the engine reports the panic.
func must[R any](resource R, err error) R {
	if err != nil {
		panic(err)
	}
	return resource
}
