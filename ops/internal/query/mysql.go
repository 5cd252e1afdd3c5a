package query

import (
	"context"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-sql-driver/mysql"

	"store-events/lambda/rdstls"
)

// Direct connects to a database that this machine can reach, such as a local stack's.
type Direct struct {
	Secrets   *secretsmanager.Client
	S3        *s3.Client
	SecretARN string
	CA        string // s3:// URL of the certificate authorities, in PEM.
}

// secret is the part of the database's secret that a connection needs.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type secret struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	DBName   string `json:"dbname"`
}

// Run connects, runs the statement and closes the connection.
func (d Direct) Run(ctx context.Context, statement string, to Visitor) error {
	s, err := d.secret(ctx)
	if err != nil {
		return err
	}
	trusted, err := rdstls.Read(ctx, d.S3, d.CA, s.Host)
	if err != nil {
		return err
	}
	connector, err := mysql.NewConnector(s.config(trusted))
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("query MySQL: %w", err)
	}
	defer func() { _ = rows.Close() }()
	if err := visitRows(rows, to); err != nil {
		return fmt.Errorf("query MySQL: %w", err)
	}
	return nil
}

func (d Direct) secret(ctx context.Context) (secret, error) {
	out, err := d.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &d.SecretARN})
	if err != nil {
		return secret{}, fmt.Errorf("read the database's secret: %w", err)
	}
	var s secret
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &s) != nil || s.Host == "" || s.Port == 0 {
		// The decoder's error is omitted, because it may quote the secret.
		return secret{}, fmt.Errorf("secret %s does not have the format of RDS's secrets", d.SecretARN)
	}
	return s, nil
}

func (s secret) config(trusted *tls.Config) *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = s.Username, s.Password, s.DBName
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	cfg.Timeout = 10 * time.Second
	cfg.TLS = trusted
	return cfg
}

func visitRows(rows *sql.Rows, to Visitor) error {
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	to.SetColumns(names)
	cells, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		values := make([]Cell, len(names))
		for i, c := range cells {
			values[i] = Cell{Text: c.String, Null: !c.Valid}
		}
		if err := to.Row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}
