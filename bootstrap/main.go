// Command bootstrap is the Pulumi program that allows the workflows of one GitHub
// repository to deploy store-events. A person deploys it once: see docs/ci.md.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
