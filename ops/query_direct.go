package ops

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
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-sql-driver/mysql"

	"store-events/lambda/rdstls"
)

// secret is what RDS and this stack keep in the database's secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type secret struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	DBName   string `json:"dbname"`
}

func (o *Ops) secret(ctx context.Context) (secret, error) {
	out, err := o.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(o.stack.SecretARN)})
	if err != nil {
		return secret{}, fmt.Errorf("read the database's secret: %w", err)
	}
	var s secret
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &s) != nil || s.Host == "" || s.Port == 0 {
		// Not the error itself, which may quote the secret.
		return secret{}, fmt.Errorf("secret %s is not in RDS's form", o.stack.SecretARN)
	}
	return s, nil
}

func (o *Ops) queryDirect(ctx context.Context, statement string, to visitor) error {
	s, err := o.secret(ctx)
	if err != nil {
		return err
	}
	trusted, err := rdstls.Read(ctx, o.s3, o.stack.DatabaseCA, s.Host)
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

func (s secret) config(trusted *tls.Config) *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = s.Username, s.Password, s.DBName
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	cfg.Timeout = 10 * time.Second
	cfg.TLS = trusted
	return cfg
}

func visitRows(rows *sql.Rows, to visitor) error {
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	to.columns(names)
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
		if err := to.row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}
