package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/blang/semver"

	"store-events/config"
	"store-events/deploy"
	"store-events/ops"
	"store-events/preflight"
	"store-events/program/output"
	"store-events/schema"
)

// checkDeployed refuses settings that conflict with the deployed stack, which neither
// the validation of settings nor the engine can detect. It returns the stack, nil if it has
// no outputs or they cannot be used. The endpoint is from started.
func (a *app) checkDeployed(ctx context.Context, cfg config.Config, endpoint string) (*ops.Ops, error) {
	outputs, err := a.outputs(ctx)
	deployed := !errors.Is(err, deploy.ErrNotDeployed)
	if err != nil && deployed {
		return nil, err
	}
	if err := pausedProblem(cfg.Common.Paused, deployed, outputs[output.Paused] == true, a.stack); err != nil {
		return nil, err
	}
	catalog := a.checkCatalog(ctx, cfg, endpoint)
	if len(outputs) == 0 { // It has no database yet.
		return nil, catalog
	}
	o, err := a.operateOn(ctx, outputs, endpoint)
	if err != nil {
		a.notCompared(err)
		return nil, catalog
	}
	return o, errors.Join(a.checkDatabase(ctx, cfg, o, outputs), catalog)
}

// checkDatabase refuses impossible changes of the deployed database.
func (a *app) checkDatabase(ctx context.Context, cfg config.Config, o *ops.Ops, outputs map[string]any) error {
	err := a.checkColumns(ctx, o, cfg)
	if cfg.Database.RotationDays == 0 { // As for a paused stack.
		err = errors.Join(err, a.checkRotation(ctx, o))
	}
	if outputs[output.DatabaseName] != cfg.Database.Name { // The update replaces the instance.
		return err
	}
	return errors.Join(err, a.checkInstance(ctx, o, cfg.Database))
}

// notCompared reports why the columns were not compared. That is not an error: the update may make the database
// reachable, a role that updates the stack may lack access to the database, and the job checks again.
func (a *app) notCompared(err error) {
	a.progress("  the types of existing columns could not be compared: %v", err)
}

// checkColumns refuses fields with a type to which the job cannot change the existing column.
func (a *app) checkColumns(ctx context.Context, o *ops.Ops, cfg config.Config) error {
	contract, err := schema.Load().WithColumns(cfg.Catalog.ExtraColumns)
	if err != nil {
		return err
	}
	changes, err := o.ColumnChanges(ctx, contract)
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
		"or decimal(6,2) to decimal(12,2). `storeevents migrate --stack %s` shows what a conversion would change; or restore the field's type, or rename the field",
		strings.Join(refused, "; "), a.stack)
}

// checkInstance refuses settings to which RDS cannot change the stack's instance. The caller may lack permission
// to read the instance, because with --as only the provider needs it.
func (a *app) checkInstance(ctx context.Context, o *ops.Ops, d config.Database) error {
	if d.Existing() {
		return nil
	}
	instance, err := o.Instance(ctx)
	if err != nil {
		a.progress("  the settings could not be compared with the instance: %v", err)
	}
	if err != nil || instance == nil {
		return nil
	}
	return instanceFits(*instance, d)
}

// checkRotation refuses to turn the rotation of passwords off while one is incomplete: nothing would end it, the database
// may already have the new password, and Secrets Manager would refuse to turn the rotation on again. The caller may lack
// permission to read the secrets, as for the instance.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
func (a *app) checkRotation(ctx context.Context, o *ops.Ops) error {
	secrets, err := o.IncompleteRotations(ctx)
	if err != nil {
		a.progress("  incomplete rotations of passwords could not be detected: %v", err)
		return nil
	}
	if len(secrets) == 0 {
		return nil
	}
	return fmt.Errorf("the rotation of %s is incomplete, and nothing would complete it if rotation was turned off. Secrets Manager retries it; "+
		"docs/alarms.md#alarm-rotation-failed describes how to find the cause", strings.Join(secrets, ", "))
}

// instanceFits checks what RDS requires: storage does not shrink, grows by at least a tenth and has as much room for
// autoscaling, and the version is not an earlier one. With autoscaling, the provider accepts less storage in the settings
// as the initial size.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
func instanceFits(current ops.Instance, d config.Database) error {
	const storage, maximum, version = "store-events:databaseStorageGiB", "store-events:databaseMaxStorageGiB", "store-events:databaseEngineVersion"
	tenthMore := func(size int) int { return (size*11 + 9) / 10 }
	size := max(d.StorageGiB, current.StorageGiB)
	var problems []error
	switch {
	case d.MaxStorageGiB == 0 && d.StorageGiB < current.StorageGiB:
		problems = append(problems, fmt.Errorf("%s %d: the database has %d GiB, and RDS cannot shrink it: set at least %d, or %s for autoscaling",
			storage, d.StorageGiB, current.StorageGiB, current.StorageGiB, maximum))
	case d.MaxStorageGiB == 0 && d.StorageGiB > current.StorageGiB && d.StorageGiB < tenthMore(current.StorageGiB):
		problems = append(problems, fmt.Errorf("%s %d: the database has %d GiB, and RDS adds at least a tenth: set at least %d",
			storage, d.StorageGiB, current.StorageGiB, tenthMore(current.StorageGiB)))
	case d.MaxStorageGiB != 0 && d.MaxStorageGiB != current.MaxStorageGiB && d.MaxStorageGiB < tenthMore(size):
		problems = append(problems, fmt.Errorf("%s %d: the database has %d GiB, and RDS needs room for a tenth more: set at least %d, or 0",
			maximum, d.MaxStorageGiB, size, tenthMore(size)))
	}
	wanted, errWanted := semver.Parse(d.EngineVersion)
	has, errHas := semver.ParseTolerant(current.EngineVersion)
	if !d.MinorUpgrades() && errors.Join(errWanted, errHas) == nil && wanted.LT(has) {
		problems = append(problems, fmt.Errorf("%s %s: the database has %s, and RDS does not downgrade: set %s, or 8.4",
			version, d.EngineVersion, current.EngineVersion, current.EngineVersion))
	}
	return errors.Join(problems...)
}

// checkCatalog refuses to replace the encryption of the data catalog, which all stacks of
// an account and region share, if another owner has set it.
func (a *app) checkCatalog(ctx context.Context, cfg config.Config, endpoint string) error {
	if !cfg.Catalog.Encryption {
		return nil
	}
	existing, err := a.existing(ctx)
	if err != nil {
		return err
	}
	if ownsCatalog(existing) {
		return nil
	}
	account, err := a.accountConfig(ctx, endpoint)
	if err != nil {
		return err
	}
	return preflight.CheckCatalog(ctx, preflight.NewClients(account))
}
