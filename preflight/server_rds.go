package preflight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// rdsServer is the checked part of an RDS instance or cluster.
type rdsServer struct {
	name, engine, version, status string
	port                          int32
	groups                        []string
	replicaOf                     string
	parameters                    []rdstypes.Parameter
}

// serverOnRDS checks a server in this account's RDS. Other servers, or other names of
// it, are checked only by the first update.
func serverOnRDS(ctx context.Context, r *run) ([]Finding, error) {
	d, reader, err := r.serverOf(ctx, r.plan.Server.Host)
	if err != nil {
		return nil, fmt.Errorf("look for the database in RDS: %w", err)
	}
	if reader {
		return serverFinding(Problem, r.plan.Server.Host+" is the reader endpoint of a cluster", "set store-events:databaseHost to the cluster's writer endpoint"), nil
	}
	if d == nil {
		return nil, nil
	}
	return slices.Concat(d.kind(), d.reached(r.plan.Server), d.unfit(r.plan.Server)), nil
}

// serverOf finds the instance or cluster with an endpoint.
func (r *run) serverOf(ctx context.Context, host string) (d *rdsServer, reader bool, err error) {
	clusters := rds.NewDescribeDBClustersPaginator(r.rds, &rds.DescribeDBClustersInput{})
	for clusters.HasMorePages() {
		page, err := clusters.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		for _, c := range page.DBClusters {
			if strings.EqualFold(aws.ToString(c.ReaderEndpoint), host) {
				return nil, true, nil
			}
			if strings.EqualFold(aws.ToString(c.Endpoint), host) {
				d, err := r.cluster(ctx, c)
				return d, false, err
			}
		}
	}
	instances := rds.NewDescribeDBInstancesPaginator(r.rds, &rds.DescribeDBInstancesInput{})
	for instances.HasMorePages() {
		page, err := instances.NextPage(ctx)
		if err != nil {
			return nil, false, err
		}
		for _, i := range page.DBInstances {
			if i.Endpoint != nil && strings.EqualFold(aws.ToString(i.Endpoint.Address), host) {
				d, err := r.instance(ctx, i)
				return d, false, err
			}
		}
	}
	return nil, false, nil
}

func (r *run) cluster(ctx context.Context, c rdstypes.DBCluster) (*rdsServer, error) {
	d := &rdsServer{
		name: aws.ToString(c.DBClusterIdentifier), engine: aws.ToString(c.Engine), version: aws.ToString(c.EngineVersion),
		status: aws.ToString(c.Status), port: aws.ToInt32(c.Port), replicaOf: aws.ToString(c.ReplicationSourceIdentifier),
		groups: groupIDs(c.VpcSecurityGroups),
	}
	if !d.mysql() {
		return d, nil
	}
	pages := rds.NewDescribeDBClusterParametersPaginator(r.rds, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: c.DBClusterParameterGroup})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		d.parameters = append(d.parameters, page.Parameters...)
	}
	return d, nil
}

func (r *run) instance(ctx context.Context, i rdstypes.DBInstance) (*rdsServer, error) {
	d := &rdsServer{
		name: aws.ToString(i.DBInstanceIdentifier), engine: aws.ToString(i.Engine), version: aws.ToString(i.EngineVersion),
		status: aws.ToString(i.DBInstanceStatus), port: aws.ToInt32(i.Endpoint.Port), replicaOf: aws.ToString(i.ReadReplicaSourceDBInstanceIdentifier),
		groups: groupIDs(i.VpcSecurityGroups),
	}
	if !d.mysql() {
		return d, nil
	}
	for _, group := range i.DBParameterGroups {
		pages := rds.NewDescribeDBParametersPaginator(r.rds, &rds.DescribeDBParametersInput{DBParameterGroupName: group.DBParameterGroupName})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			d.parameters = append(d.parameters, page.Parameters...)
		}
	}
	return d, nil
}

func groupIDs(groups []rdstypes.VpcSecurityGroupMembership) []string {
	var ids []string
	for _, g := range groups {
		ids = append(ids, aws.ToString(g.VpcSecurityGroupId))
	}
	return ids
}

func (d *rdsServer) mysql() bool { return d.engine == "mysql" || d.engine == "aurora-mysql" }

// kind checks the server's engine, version, role and status.
func (d *rdsServer) kind() (found []Finding) {
	if !d.mysql() {
		return serverFinding(Problem, fmt.Sprintf("%s is %s %s: the job loads MySQL", d.name, d.engine, d.version), "set store-events:databaseHost to a MySQL or Aurora MySQL server")
	}
	if n, err := strconv.Atoi(major(d.version)); err != nil || n < 8 {
		found = append(found, serverFinding(Problem, fmt.Sprintf("%s is %s %s, and MySQL 8.0.23 or later is needed", d.name, d.engine, d.version), "upgrade it, or use another server")...)
	}
	if d.replicaOf != "" {
		found = append(found, serverFinding(Problem, fmt.Sprintf("%s is a read-only replica of %s", d.name, d.replicaOf), "set store-events:databaseHost to the source")...)
	}
	if d.status != "available" {
		found = append(found, serverFinding(Warning, fmt.Sprintf("%s is %s", d.name, d.status), "wait until it is available, or start it")...)
	}
	return found
}

// reached checks port and security group.
func (d *rdsServer) reached(s *Server) (found []Finding) {
	if d.port != 0 && int(d.port) != s.Port {
		found = append(found, serverFinding(Problem, fmt.Sprintf("%s listens on port %d, and store-events:databasePort is %d", d.name, d.port, s.Port), fmt.Sprintf("set store-events:databasePort to %d", d.port))...)
	}
	if s.GroupID != "" && !slices.Contains(d.groups, s.GroupID) {
		found = append(found, serverFinding(Problem, fmt.Sprintf("%s does not have the security group %s, so rules in that group have no effect; it has %s", d.name, s.GroupID, list(d.groups)), "set store-events:databaseGroupId to one of its groups")...)
	}
	return found
}

// unfit compares the parameter group with the job's requirements. Parameters without a value
// have the engine's default, which the first update checks.
func (d *rdsServer) unfit(s *Server) (found []Finding) {
	problem := func(what, do string) { found = append(found, serverFinding(Problem, d.name+": "+what, do)...) }
	for _, p := range d.parameters {
		name, value := aws.ToString(p.ParameterName), aws.ToString(p.ParameterValue)
		off := value == "0" || strings.EqualFold(value, "OFF")
		on := value == "1" || strings.EqualFold(value, "ON")
		switch name {
		case "local_infile":
			if off {
				problem("the parameter local_infile is 0: the job loads rows with LOAD DATA LOCAL", "set it to 1 in the parameter group")
			}
		case "binlog_format":
			if strings.EqualFold(value, "STATEMENT") {
				problem("the parameter binlog_format is STATEMENT, which the job's isolation level does not allow", "set it to ROW in the parameter group")
			}
		case "read_only", "innodb_read_only":
			if on {
				problem("the parameter "+name+" is 1", "set it to 0, or use a writable server")
			}
		case "max_connections":
			if n, err := strconv.Atoi(value); err == nil && n < s.Connections {
				problem(fmt.Sprintf("max_connections is %d, and a run opens up to %d", n, s.Connections), "raise it, or lower store-events:jobWorkers")
			}
		case "tls_version":
			if value != "" && !strings.Contains(value, "TLSv1.2") && !strings.Contains(value, "TLSv1.3") {
				problem("the parameter tls_version is "+value+": the clients need TLS 1.2 or later", "set it to TLSv1.2,TLSv1.3")
			}
		}
	}
	return found
}
