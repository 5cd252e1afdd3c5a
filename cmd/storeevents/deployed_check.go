package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"store-events/config"
	"store-events/deploy"
	"store-events/preflight"
	"store-events/program/output"
	"store-events/schema"
)

// checkDeployed refuses settings that do not fit what is deployed, which neither
// the configuration alone nor the engine can know. The endpoint is that of started.
func (a *app) checkDeployed(ctx context.Context, cfg config.Config, endpoint string) error {
	outputs, err := a.outputs(ctx)
	deployed := !errors.Is(err, deploy.ErrNotDeployed)
	if err != nil && deployed {
		return err
	}
	if err := pausedProblem(cfg.Common.Paused, deployed, outputs[output.Paused] == true, a.stack); err != nil {
		return err
	}
	return errors.Join(a.checkColumns(ctx, cfg, outputs, endpoint), a.checkCatalog(ctx, cfg, endpoint))
}

// checkColumns refuses fields of a type to which the job cannot change the column
// that exists. A stack without outputs has no columns yet.
func (a *app) checkColumns(ctx context.Context, cfg config.Config, outputs map[string]any, endpoint string) error {
	contract, err := schema.Load().WithColumns(cfg.Catalog.ExtraColumns)
	if err != nil || len(outputs) == 0 {
		return err
	}
	changes, err := a.columnChanges(ctx, contract, outputs, endpoint)
	if err != nil { // The update may be what makes the database reachable. The job checks again.
		a.progress("  the types of existing columns could not be compared: %v", err)
		return nil
	}
	var refused []string
	for _, c := range changes {
		if c.Way != schema.Wider {
			refused = append(refused, c.String())
		}
	}
	if len(refused) == 0 {
		return nil
	}
	return fmt.Errorf("store-events:extraColumns or schema/contract.json: %s. Without a migration, a column can only become wider, such as string(16) to string(32), int to bigint "+
		"or decimal(6,2) to decimal(12,2). `storeevents migrate --stack %s` shows what a conversion would change; or give the field its old type, or another name",
		strings.Join(refused, "; "), a.stack)
}

func (a *app) columnChanges(ctx context.Context, contract schema.Contract, outputs map[string]any, endpoint string) ([]schema.ColumnChange, error) {
	o, err := a.operateOn(ctx, outputs, endpoint)
	if err != nil {
		return nil, err
	}
	return o.ColumnChanges(ctx, contract)
}

// checkCatalog refuses to take the encryption of the data catalog, which account
// and region have in common, from whoever has set it.
func (a *app) checkCatalog(ctx context.Context, cfg config.Config, endpoint string) error {
	if !cfg.Catalog.Encryption {
		return nil
	}
	existing, err := a.existing(ctx)
	if err != nil {
		return err
	}
	if hasType(existing, catalogSettingsType) {
		return nil
	}
	account, err := a.accountConfig(ctx, endpoint)
	if err != nil {
		return err
	}
	return preflight.CheckCatalog(ctx, preflight.NewClients(account))
}
