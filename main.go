// Command store-events is the Pulumi program of this project.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/program"
)

// The engine starts the program in the project's folder.
func main() {
	pulumi.Run(program.Func("."))
}
