// Command pulumi-resource-aws is the Terraform AWS provider, reduced to the types in
// types.txt, with the tokens of pulumi-aws v6.
//
// With -names it prints the property names of all types as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

// version is the pulumi-aws release whose names this provider uses.
const version = "6.83.2"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	info, err := providerInfo(ctx)
	if err != nil {
		return err
	}
	if len(args) == 1 && args[0] == "-names" {
		return json.NewEncoder(os.Stdout).Encode(names(info))
	}
	pftfbridge.MainWithMuxer(ctx, "aws", info, []byte(`{"name":"aws","version":"`+version+`"}`))
	return nil
}
