// Package analyzer implements the Pulumi engine's protocol for policy packs (pulumirpc.Analyzer).
//
// The SDK's own server, policyx, decodes the properties of a resource again for each policy, allows one level
// per policy, and does not pass a pack's configuration to stack rules. This server decodes them once.
package analyzer

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"store-events/policy/pack"
)

// Serve serves the engine until the engine ends. The engine reads the port from standard output.
func Serve() error {
	s := &server{engineEnded: make(chan bool)}
	var err error
	if s.pack, err = pack.New(pack.Stack{}); err != nil { // Used until ConfigureStack, which `pulumi policy publish` does not call.
		return err
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: s.engineEnded,
		Init: func(registrar *grpc.Server) error {
			pulumirpc.RegisterAnalyzerServer(registrar, s)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Println(handle.Port)
	if err := <-handle.Done; err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
