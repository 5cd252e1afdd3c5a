package authz

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"

	"localaws/reachability"
)

const rdsVersion = "2014-10-31"

// Database implements Source.
func (e *Emulator) Database(ctx context.Context, address string) (*reachability.Database, error) {
	found, err := e.account.query(ctx, "rds", rdsVersion, "DescribeDBInstances")
	if err != nil {
		return nil, fmt.Errorf("databases: %w", err)
	}
	for _, item := range found.FindElements("//DBInstances/DBInstance") {
		port := text(item, "./Endpoint/Port")
		// A publicly accessible database can be reached from outside its VPC.
		if net.JoinHostPort(text(item, "./Endpoint/Address"), port) != address || text(item, "./PubliclyAccessible") == "true" {
			continue
		}
		d := &reachability.Database{
			Name: text(item, "./DBInstanceIdentifier"), Groups: texts(item, "./VpcSecurityGroups/VpcSecurityGroupMembership/VpcSecurityGroupId"),
			Subnets: texts(item, "./DBSubnetGroup/Subnets/Subnet/SubnetIdentifier"),
		}
		if d.Port, err = strconv.Atoi(port); err != nil {
			return nil, fmt.Errorf("port of database %s: %w", d.Name, err)
		}
		return d, nil
	}
	return nil, nil //nolint:nilnil // not a database of this account
}

// Login implements Source. The format of the secret is
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
func (e *Emulator) Login(ctx context.Context, secret string) (string, error) {
	var out struct{ SecretString string }
	err := e.client.json(ctx, "secretsmanager", "secretsmanager.GetSecretValue", map[string]string{"SecretId": secret}, &out)
	if hasCode(err, "ResourceNotFound") {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("login %s: %w", secret, err)
	}
	var login struct {
		Host string
		Port json.Number
	}
	// The decoder's error is dropped, because it may quote the secret.
	if json.Unmarshal([]byte(out.SecretString), &login) != nil || login.Host == "" {
		return "", nil
	}
	return net.JoinHostPort(login.Host, login.Port.String()), nil
}
