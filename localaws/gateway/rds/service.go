// Package rds runs a real database server for each of the emulator's DB instances.
package rds

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
	"localaws/gateway/account"
	"localaws/gateway/query"
	"localaws/store"
)

// Databases manages the servers of RDS instances. The implementations are database.Servers and database.External.
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

// Service implements operations on DB instances.
type Service struct {
	Store     *store.Store
	Databases Databases
	Limits    account.Limits
	Log       *slog.Logger
}

// Handlers returns the handlers of all operations.
func (s *Service) Handlers() query.Handlers {
	return query.Handlers{
		"rds:CreateDBInstance":       s.createInstance,
		"rds:ModifyDBInstance":       s.modifyInstance,
		"rds:DeleteDBInstance":       s.deleteInstance,
		"rds:DescribeDBInstances":    s.describeInstances,
		"rds:StartDBInstance":        s.startInstance,
		"rds:StopDBInstance":         s.stopInstance,
		"rds:RebootDBInstance":       s.rebootInstance,
		"rds:ModifyDBParameterGroup": s.modifyParameters,
		"rds:CreateDBSubnetGroup":    s.createSubnetGroup,
		"rds:ModifyDBSubnetGroup":    s.modifySubnetGroup,

		"rds:DescribeDBEngineVersions":           s.engineVersions,
		"rds:DescribeOrderableDBInstanceOptions": s.orderable,
	}
}

// hasServer reports whether instances of the engine get a server. The emulator handles the others alone.
func hasServer(engine string) bool { return engine == "mysql" || engine == "mariadb" }

func (s *Service) createInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if !hasServer(x.Get("Engine")) || x.Get("DBClusterIdentifier") != "" {
		return x.Send(ctx)
	}
	id, port := x.Get("DBInstanceIdentifier"), 3306
	if err := database.CheckID(id); err != nil {
		return nil, &query.Error{Code: "InvalidParameterValue", Message: err.Error()}
	}
	if v := x.Get("Port"); v != "" {
		var err error
		if port, err = strconv.Atoi(v); err != nil {
			return nil, &query.Error{Code: "InvalidParameterValue", Message: "Port must be a number"}
		}
	}
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	if err := s.createServer(ctx, x, id, port); err != nil {
		s.rollBack(ctx, x, id)
		return nil, err
	}
	return a, s.correct(a)
}

func (s *Service) createServer(ctx context.Context, x *query.Exchange, id string, port int) error {
	parameters, err := s.parameters(ctx, x, x.Get("DBParameterGroupName"))
	if err != nil {
		return err
	}
	if err := s.Store.Put(dbRecords, strings.ToLower(id), newDBInstance(x)); err != nil {
		return err
	}
	err = s.Databases.Create(ctx, database.Spec{
		ID: id, Port: port, Parameters: parameters,
		User: x.Get("MasterUsername"), Password: x.Get("MasterUserPassword"), Database: x.Get("DBName"),
	})
	var taken *database.PortTakenError
	var exists *database.ExistsError
	if errors.As(err, &taken) || errors.As(err, &exists) {
		return &query.Error{Code: "InvalidParameterValue", Message: err.Error()}
	}
	if err != nil { // Such as a full disk. Clients would repeat a request with an internal error for minutes.
		s.Log.Error("the server of an instance does not start", "id", id, "error", err)
		return &query.Error{Code: "InsufficientDBInstanceCapacity", Message: err.Error()}
	}
	return nil
}

// rollBack removes an instance whose server did not start.
func (s *Service) rollBack(ctx context.Context, x *query.Exchange, id string) {
	ctx = context.WithoutCancel(ctx)
	remove := url.Values{"DBInstanceIdentifier": {id}, "SkipFinalSnapshot": {"true"}}
	unprotect := url.Values{"DBInstanceIdentifier": {id}, "DeletionProtection": {"false"}, "ApplyImmediately": {"true"}}
	_, err := x.Call(ctx, "ModifyDBInstance", unprotect)
	if err == nil {
		_, err = x.Call(ctx, "DeleteDBInstance", remove)
	}
	if err := errors.Join(err, s.Store.Delete(dbRecords, strings.ToLower(id))); err != nil {
		s.Log.Error("cannot remove an instance without a server", "id", id, "error", err)
	}
}

func (s *Service) deleteInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if err := checkFinalSnapshot(ctx, x); err != nil {
		return nil, err
	}
	a, err := x.Send(ctx)
	if err != nil || !a.OK() {
		return a, err
	}
	id := x.Get("DBInstanceIdentifier")
	if err := s.correct(a); err != nil {
		return nil, err
	}
	if err := s.Databases.Delete(id); err != nil && !errors.Is(err, database.ErrNotFound) {
		return nil, err
	}
	return a, s.Store.Delete(dbRecords, strings.ToLower(id))
}

func (s *Service) modifyInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	id := x.Get("DBInstanceIdentifier")
	present, err := x.Call(ctx, "DescribeDBInstances", url.Values{"DBInstanceIdentifier": {id}})
	if present != nil && !present.OK() {
		return x.Send(ctx) // The emulator returns the error, for example that the instance does not exist.
	}
	if err != nil {
		return nil, err
	}
	if err := checkChange(x, present.Root()); err != nil {
		return nil, err
	}
	if err := s.inState(id, present.Root(), stateAvailable); err != nil {
		return nil, err
	}
	a, err := x.Send(ctx)
	if _, ok := s.Databases.Get(id); err != nil || !a.OK() || !ok {
		return a, err
	}
	if err := s.move(ctx, id, x.Get("DBPortNumber")); err != nil {
		return nil, err
	}
	if password := x.Get("MasterUserPassword"); password != "" {
		if err := s.Databases.SetPassword(ctx, id, password); err != nil {
			return nil, err
		}
	}
	if err := s.modifyRecord(id, x); err != nil {
		return nil, err
	}
	return a, s.correct(a)
}

// checkChange rejects changes that RDS does not allow for the present instance.
func checkChange(x *query.Exchange, present *etree.Element) error {
	if err := checkStorage(x, present); err != nil {
		return err
	}
	return checkVersion(x, present)
}

// move changes the server's port if the request has one.
func (s *Service) move(ctx context.Context, id, port string) error {
	if port == "" {
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return &query.Error{Code: "InvalidParameterValue", Message: "DBPortNumber must be a number"}
	}
	err = s.Databases.Move(ctx, id, n)
	var taken *database.PortTakenError
	if errors.As(err, &taken) {
		return &query.Error{Code: "InvalidParameterValue", Message: err.Error()}
	}
	return err
}

func (s *Service) describeInstances(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	a, err := x.Send(ctx)
	if err != nil {
		return nil, err
	}
	if err := filterByResourceID(a, x); err != nil {
		return nil, err
	}
	return a, s.correct(a)
}

// filterByResourceID applies the filter dbi-resource-id, by which the provider finds its instance and which the
// emulator ignores.
func filterByResourceID(a *query.Response, x *query.Exchange) error {
	for i := 1; x.Get(fmt.Sprintf("Filters.Filter.%d.Name", i)) != ""; i++ {
		if x.Get(fmt.Sprintf("Filters.Filter.%d.Name", i)) != "dbi-resource-id" {
			continue
		}
		ids := x.List(fmt.Sprintf("Filters.Filter.%d.Values.Value", i))
		return a.Edit(func(root *etree.Element) error {
			for _, item := range root.FindElements("//DBInstances/DBInstance") {
				if !slices.Contains(ids, query.Text(item, "DbiResourceId")) {
					item.Parent().RemoveChild(item)
				}
			}
			return nil
		})
	}
	return nil
}

func (s *Service) startInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if err := s.requireState(ctx, x, stateStopped); err != nil {
		return nil, err
	}
	return s.mirrorToServer(ctx, x, func(id, _ string) error { return s.Databases.Start(ctx, id) })
}

func (s *Service) stopInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	if err := s.requireState(ctx, x, stateAvailable); err != nil {
		return nil, err
	}
	return s.mirrorToServer(ctx, x, func(id, _ string) error { return s.Databases.Stop(id) })
}

const (
	stateAvailable = "available"
	stateStopped   = "stopped"
)

// requireState rejects an operation on an instance in another state, as RDS does. Stopped instances cannot be
// modified.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
func (s *Service) requireState(ctx context.Context, x *query.Exchange, want string) error {
	id := x.Get("DBInstanceIdentifier")
	if _, ok := s.Databases.Get(id); !ok {
		return nil // The instance has no server.
	}
	a, err := x.Call(ctx, "DescribeDBInstances", url.Values{"DBInstanceIdentifier": {id}})
	if err != nil {
		return err
	}
	return s.inState(id, a.Root(), want)
}

func (s *Service) inState(id string, present *etree.Element, want string) error {
	server, ok := s.Databases.Get(id)
	state := stateOf(server, query.Text(present, "//DBInstance/DBInstanceStatus"))
	if !ok || state == want {
		return nil
	}
	return &query.Error{Code: "InvalidDBInstanceState", Message: "Instance " + id + " is in " + state + " state, and must be in " + want + " state."}
}

// stateOf returns the state of an instance from that of its server and the emulator's, which restores a stopped
// instance as available.
func stateOf(server database.Status, emulated string) string {
	switch {
	case emulated != stateAvailable || server.Running:
		return emulated
	case server.Stopped:
		return stateStopped
	default:
		return "failed"
	}
}

// rebootInstance applies changed parameters, as on RDS.
func (s *Service) rebootInstance(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	return s.mirrorToServer(ctx, x, func(id, group string) error {
		parameters, err := s.parameters(ctx, x, group)
		if err != nil {
			return err
		}
		return s.Databases.Restart(ctx, id, parameters)
	})
}

// mirrorToServer forwards the request to the emulator, and then applies the operation to the server.
func (s *Service) mirrorToServer(ctx context.Context, x *query.Exchange, do func(id, parameterGroup string) error) (*query.Response, error) {
	a, err := x.Send(ctx)
	id := x.Get("DBInstanceIdentifier")
	if _, ok := s.Databases.Get(id); err != nil || !a.OK() || !ok {
		return a, err
	}
	if err := do(id, query.Text(a.Root(), "//DBParameterGroups/DBParameterGroup/DBParameterGroupName")); err != nil {
		return nil, err
	}
	return a, s.correct(a)
}

// correct replaces address and state of instances in a response with those of their servers.
func (s *Service) correct(a *query.Response) error {
	return a.Edit(func(root *etree.Element) error {
		for _, item := range slices.Concat(root.FindElements("//DBInstances/DBInstance"), root.FindElements("./*/DBInstance")) {
			id := query.Text(item, "DBInstanceIdentifier")
			server, ok := s.Databases.Get(id)
			if !ok {
				continue
			}
			query.Set(query.Child(item, "Endpoint"), "Address", server.Host)
			query.Set(query.Child(item, "Endpoint"), "Port", strconv.Itoa(server.Port))
			query.Set(item, "DBInstanceStatus", stateOf(server, query.Text(item, "DBInstanceStatus")))
			if err := s.correctFromRecord(id, item); err != nil {
				return err
			}
			addBaseline(item)
		}
		return nil
	})
}
