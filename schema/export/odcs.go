package export

import (
	"encoding/json"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"store-events/schema"
)

// odcsVersion is the version of the Open Data Contract Standard:
// https://bitol-io.github.io/open-data-contract-standard/v3.1.0/
const odcsVersion = "v3.1.0"

type odcsContract struct {
	APIVersion  string          `yaml:"apiVersion"`
	Kind        string          `yaml:"kind"`
	ID          string          `yaml:"id"`
	Name        string          `yaml:"name"`
	Version     string          `yaml:"version"`
	Status      string          `yaml:"status"`
	Description odcsDescription `yaml:"description"`
	Schema      []odcsObject    `yaml:"schema"`
}

type odcsDescription struct {
	Purpose     string `yaml:"purpose"`
	Limitations string `yaml:"limitations"`
}

type odcsObject struct {
	Name         string         `yaml:"name"`
	PhysicalName string         `yaml:"physicalName"`
	PhysicalType string         `yaml:"physicalType"`
	LogicalType  string         `yaml:"logicalType"`
	Description  string         `yaml:"description"`
	Properties   []odcsProperty `yaml:"properties"`
}

type odcsProperty struct {
	Name         string         `yaml:"name"`
	LogicalType  string         `yaml:"logicalType"`
	Options      map[string]int `yaml:"logicalTypeOptions,omitempty"`
	PhysicalType string         `yaml:"physicalType"`
	Description  string         `yaml:"description"`
	Required     bool           `yaml:"required"`
	PrimaryKey   bool           `yaml:"primaryKey,omitempty"`
	KeyPosition  int            `yaml:"primaryKeyPosition,omitempty"`
	Unique       bool           `yaml:"unique,omitempty"`
}

// ODCS returns the contract for consumers, as YAML of the Open Data Contract Standard.
// It describes the MySQL table with the given name, and the objects of each stream.
func ODCS(c schema.Contract, table string) ([]byte, error) {
	text, err := yaml.Marshal(odcs(c, table))
	if err != nil {
		return nil, fmt.Errorf("encode the contract: %w", err)
	}
	return text, nil
}

// ODCSAsJSON returns the same document as JSON.
func ODCSAsJSON(c schema.Contract, table string) ([]byte, error) {
	text, err := ODCS(c, table)
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("parse the contract: %w", err)
	}
	if text, err = json.MarshalIndent(doc, "", "  "); err != nil {
		return nil, fmt.Errorf("encode the contract: %w", err)
	}
	return append(text, '\n'), nil
}

func odcs(c schema.Contract, table string) odcsContract {
	doc := odcsContract{
		APIVersion: odcsVersion, Kind: "DataContract", ID: "store-events", Name: "Store events",
		Version: strconv.Itoa(c.Version) + ".0.0", Status: "active",
		Description: odcsDescription{
			Purpose:     "Events of stores, each exactly once, in MySQL and in Parquet for Athena.",
			Limitations: "Fields that are not listed are kept in the column extra. Lines that are not valid go to quarantine.",
		},
		Schema: []odcsObject{{
			Name: "events", PhysicalName: table, PhysicalType: "table", LogicalType: "object",
			Description: "One row for each valid event, in MySQL.", Properties: properties(c, schema.Field.ColumnType),
		}},
	}
	for _, s := range c.Streams {
		doc.Schema = append(doc.Schema, odcsObject{
			Name: s.Name, PhysicalName: s.Name + "/" + c.PartitionKey + "=YYYY-MM-DD/", PhysicalType: "file", LogicalType: "object",
			Description: "Objects of JSON with events of the type " + s.EventType + ".",
			Properties:  properties(c, func(f schema.Field) string { return f.Type }),
		})
	}
	return doc
}

func properties(c schema.Contract, physical func(schema.Field) string) []odcsProperty {
	var all []odcsProperty
	for _, f := range c.Fields {
		p := odcsProperty{Name: f.Name, PhysicalType: physical(f), Description: f.Description, Required: f.Name == c.Key}
		p.LogicalType = map[string]string{"string": "string", "int": "integer", "bigint": "integer", "decimal": "number", "boolean": "boolean", "timestamp": "timestamp"}[f.Kind()]
		if f.Kind() == "string" {
			p.Options = map[string]int{"maxLength": f.Params()[0]}
		}
		if f.Name == c.Key {
			p.PrimaryKey, p.KeyPosition, p.Unique = true, 1, true
		}
		all = append(all, p)
	}
	return all
}
