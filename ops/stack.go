package ops

import (
	"fmt"
	"slices"
	"strings"
)

// Stack names the parts of a deployed stack.
type Stack struct {
	Name             string
	Bucket           string // Events bucket.
	Producer         string // Lambda function.
	Consumer         string // EC2 instance id.
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
	DatabaseCA       string // s3:// address of the certificate authorities, in PEM.
	Region           string
	// NamedQueries are the ids of Athena's named queries, by name.
	NamedQueries map[string]string
	// Endpoint is the URL of an AWS on this machine, "" for AWS itself.
	Endpoint string
}

// FromOutputs reads the outputs of a stack. The error names every missing one.
func FromOutputs(name string, outputs map[string]any, endpoint string) (Stack, error) {
	s := Stack{Name: name, Endpoint: endpoint}
	var missing []string
	for output, field := range map[string]*string{
		"StoreEventsBucket":           &s.Bucket,
		"StoreOrdersEventsProducer":   &s.Producer,
		"Ec2ConsumerInstance":         &s.Consumer,
		"StoreEventsDatabase":         &s.Database,
		"ReaderSecretArn":             &s.SecretARN,
		"GlueCatalogDBForStoreEvents": &s.CatalogDatabase,
		"SaleTransactionsCrawler":     &s.Crawler,
		"RDSIngestorETLGlueJob":       &s.Job,
		"AthenaWorkgroup":             &s.Workgroup,
		"EtlWorkflow":                 &s.Workflow,
		"CuratedTable":                &s.CuratedTable,
		"TargetTable":                 &s.TargetTable,
		"DatabaseName":                &s.DatabaseName,
		"DatabaseEndpoint":            &s.DatabaseEndpoint,
		"DatabaseCa":                  &s.DatabaseCA,
		"Region":                      &s.Region,
	} {
		*field, _ = outputs[output].(string)
		if *field == "" {
			missing = append(missing, output)
		}
	}
	var ok bool
	if s.NamedQueries, ok = stringMap(outputs["NamedQueries"]); !ok {
		missing = append(missing, "NamedQueries")
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return Stack{}, fmt.Errorf("stack %s lacks outputs: %s; deploy it again", name, strings.Join(missing, ", "))
	}
	return s, nil
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
