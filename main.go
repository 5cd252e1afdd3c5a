// Command store-events is the Pulumi program of this project.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/program"
)

func main() {
	pulumi.Run(program.Deploy)
}
