// Command bootstrap is the Pulumi program that lets the workflows of one GitHub
// repository deploy store-events. It is deployed once, by a person: see docs/ci.md.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
