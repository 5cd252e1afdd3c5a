package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Refresh updates the stack's state from the deployed resources, without changing them.
func (d *Deployment) Refresh(ctx context.Context) (Result, error) {
	return d.run(ctx, "refresh", func(ch chan<- events.EngineEvent) error {
		_, err := d.stack.Refresh(ctx,
			optrefresh.EventStreams(ch), optrefresh.ProgressStreams(io.Discard), optrefresh.ErrorProgressStreams(io.Discard))
		return err
	})
}

// Protection describes which resources a destroy refuses to delete, keeps and deletes,
// by the engine's state, because the settings may have changed since the last update.
type Protection struct {
	// Protected are the resources that the engine refuses to delete.
	Protected []string
	// Deleted are the buckets that a destroy deletes with their objects, after the
	// protection is removed.
	Deleted []string
	// Pending are resources that an update was creating when it was killed. A destroy would
	// leave them behind, because their IDs are unknown.
	Pending []string
}

// Protection reads the stack's state.
func (d *Deployment) Protection(ctx context.Context) (Protection, error) {
	state, err := d.stack.Export(ctx)
	if err != nil {
		return Protection{}, fmt.Errorf("read the state of stack %s: %w", d.stack.Name(), ended(ctx, err))
	}
	p, err := protectionOf(state.Deployment)
	if err != nil {
		return Protection{}, fmt.Errorf("state of stack %s: %w", d.stack.Name(), err)
	}
	return p, nil
}

// Local reports whether the stack's AWS runs on this machine.
func (d *Deployment) Local() bool { return d.place.managed }

// refuseProtected returns an error that lists the protected resources, if any.
func (d *Deployment) refuseProtected(ctx context.Context) error {
	p, err := d.Protection(ctx)
	if err != nil || len(p.Protected) == 0 {
		return err
	}
	return fmt.Errorf("destroy of stack %s: %w: protectData is set (%s): docs/stack-lifecycle.md describes how to remove the stack and keep its data",
		d.stack.Name(), ErrFailed, strings.Join(p.Protected, ", "))
}

func protectionOf(state json.RawMessage) (Protection, error) {
	var all struct {
		Resources []struct {
			URN            urn.URN
			Type           string
			Protect        bool
			RetainOnDelete bool
		}
		Pending []struct {
			Resource struct{ URN urn.URN }
			Type     apitype.OperationType
		} `json:"pending_operations"`
	}
	if err := json.Unmarshal(state, &all); err != nil {
		return Protection{}, fmt.Errorf("decode: %w", err)
	}
	var p Protection
	for _, r := range all.Resources {
		if r.Protect {
			p.Protected = append(p.Protected, r.URN.Name())
		}
		if r.Type == bucketType && !r.RetainOnDelete {
			p.Deleted = append(p.Deleted, r.URN.Name())
		}
	}
	for _, operation := range all.Pending {
		if operation.Type == apitype.OperationTypeCreating {
			p.Pending = append(p.Pending, operation.Resource.URN.Name())
		}
	}
	return p, nil
}

// Unprotect removes the engine's protection from all resources. The protection by the
// provider or AWS stays, and a destroy still retains the same resources. It does not import an
// edited state, because the Automation API writes that to a file with secrets in plain text, and
// an import forgets pending operations.
func (d *Deployment) Unprotect(ctx context.Context) error {
	if err := d.pulumi(ctx, "state", "unprotect", "--all", "--yes", "--stack", d.stack.Name()); err != nil {
		return fmt.Errorf("remove the protection of stack %s: %w", d.stack.Name(), err)
	}
	return nil
}
