// Command policy is a policy pack for pulumi-aws v6 and v7 programs; the Pulumi engine starts it.
package main

import (
	"fmt"
	"os"
	"strings"

	"store-events/policy/analyzer"
)

const usage = `store-events-policy is a policy pack that the Pulumi engine starts. Put it into a folder with
PulumiPolicy.yaml, and pass that folder:

  pulumi preview --policy-pack FOLDER

"storeevents policy check --state FILE" checks a deployed stack.
`

func main() {
	// The engine passes the address of its server and the pack's folder.
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "-") {
		os.Exit(help(os.Args[1]))
	}
	if err := analyzer.Serve(); err != nil {
		fmt.Fprintln(os.Stderr, "policy:", err)
		os.Exit(1)
	}
}

// help prints the usage, and returns the exit code.
func help(flag string) int {
	if flag == "-h" || flag == "--help" {
		fmt.Print(usage)
		return 0
	}
	fmt.Fprint(os.Stderr, "unknown flag: "+flag+"\n\n"+usage)
	return 2
}
