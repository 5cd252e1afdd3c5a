package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"store-events/config"
	"store-events/deploy"
	"store-events/ops"
	"store-events/preflight"
	"store-events/program/output"
	"store-events/schema"
)

// purpose says what settings are checked for.
type purpose int

const (
	// toSee is for a preview, which roles that only read make too.
	toSee purpose = iota
	// toUpdate is for an update.
	toUpdate
)

// checkDeployed refuses settings that do not fit what is deployed, which neither
// the configuration alone nor the engine can know. The endpoint is that of started.
func (a *app) checkDeployed(ctx context.Context, cfg config.Config, endpoint string, why purpose) error {
	outputs, err := a.outputs(ctx)
	deployed := !errors.Is(err, deploy.ErrNotDeployed)
	if err != nil && deployed {
		return err
	}
	if err := pausedProblem(cfg.Common.Paused, deployed, outputs[output.Paused] == true, a.stack); err != nil {
		return err
	}
	return errors.Join(a.checkDatabase(ctx, cfg, outputs, endpoint, why), a.checkCatalog(ctx, cfg, endpoint))
}

// checkDatabase refuses what the deployed database cannot become. A stack without outputs has none yet.
func (a *app) checkDatabase(ctx context.Context, cfg config.Config, outputs map[string]any, endpoint string, why purpose) error {
	if len(outputs) == 0 {
		return nil
	}
	o, err := a.operateOn(ctx, outputs, endpoint)
	if err != nil {
		a.notCompared(err)
		return nil
	}
	return a.checkColumns(ctx, o, cfg, why)
}

// notCompared reports why the columns were not compared. The update may be what makes the database reachable, and the
// job checks again.
func (a *app) notCompared(err error) {
	a.progress("  the types of existing columns could not be compared: %v", err)
}

// checkColumns refuses fields of a type to which the job cannot change the column
// that exists.
func (a *app) checkColumns(ctx context.Context, o *ops.Ops, cfg config.Config, why purpose) error {
	contract, err := schema.Load().WithColumns(cfg.Catalog.ExtraColumns)
	if err != nil {
		return err
	}
	changes, err := o.ColumnChanges(ctx, contract)
	if why == toUpdate && ops.Denied(err) {
		return fmt.Errorf("the types of existing columns could not be compared, for which `up` needs ssm:SendCommand, ssm:GetCommandInvocation and to read the bucket: %w", err)
	}
	if err != nil {
		a.notCompared(err)
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
