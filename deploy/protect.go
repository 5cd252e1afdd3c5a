package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
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
}

// Protection reads the stack's state.
func (d *Deployment) Protection(ctx context.Context) (Protection, error) {
	state, err := d.stack.Export(ctx)
	if err != nil {
		return Protection{}, fmt.Errorf("read the state of stack %s: %w", d.stack.Name(), err)
	}
	p, err := protectionOf(state.Deployment)
	if err != nil {
		return Protection{}, fmt.Errorf("state of stack %s: %w", d.stack.Name(), err)
	}
	return p, nil
}

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
	return p, nil
}

// Unprotect removes the engine's protection from all resources. The protection by the
// provider or AWS stays, and a destroy still retains the same resources.
func (d *Deployment) Unprotect(ctx context.Context) error {
	state, err := d.stack.Export(ctx)
	if err != nil {
		return fmt.Errorf("read the state of stack %s: %w", d.stack.Name(), err)
	}
	if state.Deployment, err = unprotected(state.Deployment); err != nil {
		return fmt.Errorf("state of stack %s: %w", d.stack.Name(), err)
	}
	if err := d.stack.Import(ctx, state); err != nil {
		return fmt.Errorf("write the state of stack %s: %w", d.stack.Name(), err)
	}
	return nil
}

// unprotected returns a state without protected resources. The rest is unchanged, byte for byte.
func unprotected(state json.RawMessage) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(state, &all); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	var resources []map[string]json.RawMessage
	if err := json.Unmarshal(all["resources"], &resources); err != nil {
		return nil, fmt.Errorf("decode the resources: %w", err)
	}
	for _, r := range resources {
		delete(r, "protect")
	}
	var err error
	if all["resources"], err = json.Marshal(resources); err != nil {
		return nil, fmt.Errorf("encode the resources: %w", err)
	}
	return json.Marshal(all)
}
