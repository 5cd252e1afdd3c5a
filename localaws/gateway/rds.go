package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"localaws/database"
	"localaws/store"
)

// Databases are the servers behind RDS instances: database.Servers, or
// database.External.
type Databases interface {
	Create(ctx context.Context, spec database.Spec) error
	Start(ctx context.Context, id string) error
	Stop(id string) error
	Restart(ctx context.Context, id string, parameters map[string]string) error
	Move(ctx context.Context, id string, port int) error
	SetPassword(ctx context.Context, id, password string) error
	SetParameters(ctx context.Context, id string, parameters map[string]string) error
	Delete(id string) error
	Get(id string) (database.Status, bool)
}

// rds runs real database servers for the emulator's DB instances.
type rds struct {
	store     *store.Store
	databases Databases
	limits    limits
	log       *slog.Logger
}

func (s *rds) handlers() map[string]queryHandler {
	return map[string]queryHandler{
		"rds:CreateDBInstance":       s.createInstance,
		"rds:ModifyDBInstance":       s.modifyInstance,
		"rds:DeleteDBInstance":       s.deleteInstance,
		"rds:DescribeDBInstances":    s.describeInstances,
		"rds:StartDBInstance":        s.startInstance,
		"rds:StopDBInstance":         s.stopInstance,
		"rds:RebootDBInstance":       s.rebootInstance,
		"rds:ModifyDBParameterGroup": s.modifyParameters,
		"rds:CreateDBSubnetGroup":    s.createSubnetGroup,

		"rds:DescribeDBEngineVersions":           s.engineVersions,
		"rds:DescribeOrderableDBInstanceOptions": s.orderable,
	}
}

// served reports whether a server can run for an instance of that engine. The emulator keeps the others.
func served(engine string) bool { return engine == "mysql" || engine == "mariadb" }

func (s *rds) createInstance(ctx context.Context, x *exchange) (*answer, error) {
	if !served(x.get("Engine")) || x.get("DBClusterIdentifier") != "" {
		return x.send(ctx)
	}
	id, port := x.get("DBInstanceIdentifier"), 3306
	if err := database.CheckID(id); err != nil {
		return nil, &queryError{"InvalidParameterValue", err.Error()}
	}
	if v := x.get("Port"); v != "" {
		var err error
		if port, err = strconv.Atoi(v); err != nil {
			return nil, &queryError{"InvalidParameterValue", "Port must be a number"}
		}
	}
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	if err := s.createServer(ctx, x, id, port); err != nil {
		s.forget(ctx, x, id)
		return nil, err
	}
	return a, s.mend(a)
}

func (s *rds) createServer(ctx context.Context, x *exchange, id string, port int) error {
	parameters, err := s.parameters(ctx, x, x.get("DBParameterGroupName"))
	if err != nil {
		return err
	}
	if err := s.store.Put(dbRecords, strings.ToLower(id), newDBInstance(x)); err != nil {
		return err
	}
	err = s.databases.Create(ctx, database.Spec{
		ID: id, Port: port, Parameters: parameters,
		User: x.get("MasterUsername"), Password: x.get("MasterUserPassword"), Database: x.get("DBName"),
	})
	var taken *database.PortTakenError
	var exists *database.ExistsError
	if errors.As(err, &taken) || errors.As(err, &exists) {
		return &queryError{"InvalidParameterValue", err.Error()}
	}
	return err
}

// forget removes an instance whose server did not start.
func (s *rds) forget(ctx context.Context, x *exchange, id string) {
	ctx = context.WithoutCancel(ctx)
	remove := url.Values{"DBInstanceIdentifier": {id}, "SkipFinalSnapshot": {"true"}}
	unprotect := url.Values{"DBInstanceIdentifier": {id}, "DeletionProtection": {"false"}, "ApplyImmediately": {"true"}}
	_, err := x.ask(ctx, "ModifyDBInstance", unprotect)
	if err == nil {
		_, err = x.ask(ctx, "DeleteDBInstance", remove)
	}
	if err := errors.Join(err, s.store.Delete(dbRecords, strings.ToLower(id))); err != nil {
		s.log.Error("instance without a server remains", "id", id, "error", err)
	}
}

func (s *rds) deleteInstance(ctx context.Context, x *exchange) (*answer, error) {
	if err := finalSnapshotFree(ctx, x); err != nil {
		return nil, err
	}
	a, err := x.send(ctx)
	if err != nil || !a.ok() {
		return a, err
	}
	id := x.get("DBInstanceIdentifier")
	if err := s.mend(a); err != nil {
		return nil, err
	}
	if err := s.databases.Delete(id); err != nil && !errors.Is(err, database.ErrNotFound) {
		return nil, err
	}
	return a, s.store.Delete(dbRecords, strings.ToLower(id))
}

func (s *rds) modifyInstance(ctx context.Context, x *exchange) (*answer, error) {
	if err := storageFits(ctx, x); err != nil {
		return nil, err
	}
	a, err := x.send(ctx)
	id := x.get("DBInstanceIdentifier")
	if _, ok := s.databases.Get(id); err != nil || !a.ok() || !ok {
		return a, err
	}
	if err := s.move(ctx, id, x.get("DBPortNumber")); err != nil {
		return nil, err
	}
	if password := x.get("MasterUserPassword"); password != "" {
		if err := s.databases.SetPassword(ctx, id, password); err != nil {
			return nil, err
		}
	}
	if err := s.modifyRecord(id, x); err != nil {
		return nil, err
	}
	return a, s.mend(a)
}

// move changes the server's port if the request has one.
func (s *rds) move(ctx context.Context, id, port string) error {
	if port == "" {
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return &queryError{"InvalidParameterValue", "DBPortNumber must be a number"}
	}
	err = s.databases.Move(ctx, id, n)
	var taken *database.PortTakenError
	if errors.As(err, &taken) {
		return &queryError{"InvalidParameterValue", err.Error()}
	}
	return err
}

func (s *rds) describeInstances(ctx context.Context, x *exchange) (*answer, error) {
	a, err := x.send(ctx)
	if err != nil {
		return nil, err
	}
	if err := keepResourceIDs(a, x); err != nil {
		return nil, err
	}
	return a, s.mend(a)
}

// keepResourceIDs applies the filter dbi-resource-id, with which the provider finds its instance. The emulator
// ignores it and returns all instances.
func keepResourceIDs(a *answer, x *exchange) error {
	for i := 1; x.get(fmt.Sprintf("Filters.Filter.%d.Name", i)) != ""; i++ {
		if x.get(fmt.Sprintf("Filters.Filter.%d.Name", i)) != "dbi-resource-id" {
			continue
		}
		ids := x.list(fmt.Sprintf("Filters.Filter.%d.Values.Value", i))
		return a.edit(func(root *etree.Element) error {
			for _, item := range root.FindElements("//DBInstances/DBInstance") {
				if !slices.Contains(ids, text(item, "DbiResourceId")) {
					item.Parent().RemoveChild(item)
				}
			}
			return nil
		})
	}
	return nil
}

func (s *rds) startInstance(ctx context.Context, x *exchange) (*answer, error) {
	return s.also(ctx, x, func(id, _ string) error { return s.databases.Start(ctx, id) })
}

func (s *rds) stopInstance(ctx context.Context, x *exchange) (*answer, error) {
	return s.also(ctx, x, func(id, _ string) error { return s.databases.Stop(id) })
}

// rebootInstance applies changed parameters, as on RDS.
func (s *rds) rebootInstance(ctx context.Context, x *exchange) (*answer, error) {
	return s.also(ctx, x, func(id, group string) error {
		parameters, err := s.parameters(ctx, x, group)
		if err != nil {
			return err
		}
		return s.databases.Restart(ctx, id, parameters)
	})
}

// also does to the server what the emulator did to the instance.
func (s *rds) also(ctx context.Context, x *exchange, do func(id, parameterGroup string) error) (*answer, error) {
	a, err := x.send(ctx)
	id := x.get("DBInstanceIdentifier")
	if _, ok := s.databases.Get(id); err != nil || !a.ok() || !ok {
		return a, err
	}
	if err := do(id, text(a.root(), "//DBParameterGroups/DBParameterGroup/DBParameterGroupName")); err != nil {
		return nil, err
	}
	return a, s.mend(a)
}

// mend replaces address and state in an answer about instances with the real ones.
func (s *rds) mend(a *answer) error {
	return a.edit(func(root *etree.Element) error {
		for _, item := range slices.Concat(root.FindElements("//DBInstances/DBInstance"), root.FindElements("./*/DBInstance")) {
			id := text(item, "DBInstanceIdentifier")
			server, ok := s.databases.Get(id)
			if !ok {
				continue
			}
			set(child(item, "Endpoint"), "Address", server.Host)
			set(child(item, "Endpoint"), "Port", strconv.Itoa(server.Port))
			if !server.Running && text(item, "DBInstanceStatus") == "available" {
				set(item, "DBInstanceStatus", "failed")
			}
			if err := s.mendFromRecord(id, item); err != nil {
				return err
			}
		}
		return nil
	})
}
