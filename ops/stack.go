package ops

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"store-events/program/output"
)

// Stack identifies the resources of a deployed stack.
type Stack struct {
	Name             string
	Bucket           string // Events bucket.
	Producer         string // Lambda function.
	Consumer         string // EC2 instance ID.
	Database         string // RDS identifier.
	SecretARN        string
	CatalogDatabase  string
	Crawler          string
	Job              string
	Workgroup        string // Athena.
	Workflow         string // Glue.
	CuratedTable     string // In the catalog database.
	TargetTable      string // In the MySQL database.
	DatabaseName     string // In MySQL.
	DatabaseEndpoint string // host:port
	DatabaseCA       string // s3:// URL of the certificate authorities, in PEM.
	Region           string
	// LoginARNs are the secrets of all users of the database.
	LoginARNs []string
	// NamedQueries maps the names of Athena's named queries to their IDs.
	NamedQueries map[string]string
	// Alarms are the names of CloudWatch's alarms.
	Alarms []string
	// Starter is the function that starts the workflow when objects arrive, with the
	// URLs of its queue and of its dead-letter queue; empty if objects do not start it.
	Starter, StartQueue, DeadLetterQueue string
	// Paused stacks have no consumer and no alarms, and their database is stopped.
	Paused bool
	// Endpoint is the URL of a local AWS, "" for AWS itself.
	Endpoint string
}

// ExistingDatabase reports whether the stack uses a server that it did not create. The
// output then contains the server's host instead of an instance's identifier.
func (s Stack) ExistingDatabase() bool {
	host, _, err := net.SplitHostPort(s.DatabaseEndpoint)
	return err == nil && host == s.Database
}

// FromOutputs reads the outputs of a stack. The error lists all missing outputs.
func FromOutputs(name string, outputs map[string]any, endpoint string) (Stack, error) {
	s := Stack{Name: name, Endpoint: endpoint}
	s.Paused, _ = outputs[output.Paused].(bool)
	var missing []string
	for name, field := range map[string]*string{
		output.Bucket:           &s.Bucket,
		output.Producer:         &s.Producer,
		output.Consumer:         &s.Consumer,
		output.Database:         &s.Database,
		output.ReaderSecretArn:  &s.SecretARN,
		output.CatalogDatabase:  &s.CatalogDatabase,
		output.Crawler:          &s.Crawler,
		output.Job:              &s.Job,
		output.Workgroup:        &s.Workgroup,
		output.Workflow:         &s.Workflow,
		output.CuratedTable:     &s.CuratedTable,
		output.TargetTable:      &s.TargetTable,
		output.DatabaseName:     &s.DatabaseName,
		output.DatabaseEndpoint: &s.DatabaseEndpoint,
		output.DatabaseCA:       &s.DatabaseCA,
		output.Region:           &s.Region,
	} {
		*field, _ = outputs[name].(string)
		optional := s.Paused && name == output.Consumer
		if *field == "" && !optional {
			missing = append(missing, name)
		}
	}
	var ok bool
	if s.NamedQueries, ok = stringMap(outputs[output.NamedQueries]); !ok {
		missing = append(missing, output.NamedQueries)
	}
	if s.Alarms, ok = stringList(outputs[output.Alarms]); !ok {
		missing = append(missing, output.Alarms)
	}
	for _, name := range []string{output.MasterSecretArn, output.LoaderSecretArn, output.ReaderSecretArn} {
		if arn, _ := outputs[name].(string); arn != "" {
			s.LoginARNs = append(s.LoginARNs, arn)
		}
	}
	s.Starter, _ = outputs[output.Starter].(string)
	s.StartQueue, _ = outputs[output.StartQueue].(string)
	s.DeadLetterQueue, _ = outputs[output.DeadLetterQueue].(string)
	if len(missing) > 0 {
		slices.Sort(missing)
		return Stack{}, fmt.Errorf("stack %s lacks outputs: %s; deploy it again", name, strings.Join(missing, ", "))
	}
	return s, nil
}

func stringList(output any) ([]string, bool) {
	switch list := output.(type) {
	case []string:
		return list, true
	case []any:
		out := make([]string, len(list))
		for i, value := range list {
			text, ok := value.(string)
			if !ok {
				return nil, false
			}
			out[i] = text
		}
		return out, true
	}
	return nil, false
}

func stringMap(output any) (map[string]string, bool) {
	switch m := output.(type) {
	case map[string]string:
		return m, true
	case map[string]any:
		out := map[string]string{}
		for name, value := range m {
			text, ok := value.(string)
			if !ok {
				return nil, false
			}
			out[name] = text
		}
		return out, true
	default:
		return nil, false
	}
}
