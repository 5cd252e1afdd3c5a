// Command policy is a policy pack for pulumi-aws v6 and v7 programs; the Pulumi engine starts it.
package main

import (
	"fmt"
	"os"

	"store-events/policy/analyzer"
)

func main() {
	if err := analyzer.Serve(); err != nil {
		fmt.Fprintln(os.Stderr, "policy:", err)
		os.Exit(1)
	}
}
