package crawler

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// Parameters that a crawler writes to tables and partitions.
const (
	updatedBy    = "UPDATED_BY_CRAWLER"
	deprecatedBy = "DEPRECATED_BY_CRAWLER"
)

// origin contains the common properties of a crawl's catalog entries.
type origin struct {
	Crawler    string
	Include    include
	Exclusions []string
}

// tableInput returns the catalog entry for a table.
func (o origin) tableInput(name string, d dataset) *gluetypes.TableInput {
	params := o.parameters(d.Format, d.Stats)
	keys := partitionKeys(d)
	input := &gluetypes.TableInput{
		Name:              aws.String(name),
		Owner:             aws.String("owner"),
		TableType:         aws.String("EXTERNAL_TABLE"),
		Parameters:        params,
		PartitionKeys:     []gluetypes.Column{},
		StorageDescriptor: o.storage(d.Location, d.Format, fitColumns(d.Columns, keys), params),
	}
	for _, k := range keys {
		input.PartitionKeys = append(input.PartitionKeys, gluetypes.Column{Name: aws.String(k), Type: aws.String("string")})
	}
	return input
}

// partitionInput returns the catalog entry for a partition.
func (o origin) partitionInput(keys []string, p part) gluetypes.PartitionInput {
	params := o.parameters(p.Format, p.Stats)
	return gluetypes.PartitionInput{
		Values:            partitionValues(keys, p),
		Parameters:        params,
		StorageDescriptor: o.storage(p.Location, p.Format, fitColumns(p.Columns, keys), params),
	}
}

func (o origin) parameters(f format, s stats) map[string]string {
	params := map[string]string{
		"CrawlerSchemaDeserializerVersion": "1.0",
		"CrawlerSchemaSerializerVersion":   "1.0",
		updatedBy:                          o.Crawler,
		"averageRecordSize":                strconv.FormatInt(s.averageRecordSize(), 10),
		"classification":                   f.Classification,
		"compressionType":                  f.Compression,
		"objectCount":                      strconv.FormatInt(s.Objects, 10),
		"recordCount":                      strconv.FormatInt(s.Records, 10),
		"sizeKey":                          strconv.FormatInt(s.Size, 10),
		"typeOfData":                       "file",
	}
	if len(o.Exclusions) > 0 {
		params["exclusions"] = o.exclusions()
	}
	if f.Classification == "csv" {
		params["areColumnsQuoted"] = strconv.FormatBool(f.Quoted)
		params["columnsOrdered"] = "true"
		params["delimiter"] = f.Delimiter
		if f.Header {
			params["skip.header.line.count"] = "1"
		}
	}
	return params
}

// exclusions returns the patterns as absolute paths for the table's parameter, so that jobs that read the table skip
// the same objects.
func (o origin) exclusions() string {
	absolute := make([]string, len(o.Exclusions))
	for i, pattern := range o.Exclusions {
		absolute[i] = o.Include.url(o.Include.folder() + pattern)
	}
	raw, _ := json.Marshal(absolute) //nolint:errchkjson // Strings always encode.
	return string(raw)
}

func (o origin) storage(location string, f format, columns []column, params map[string]string) *gluetypes.StorageDescriptor {
	sd := &gluetypes.StorageDescriptor{
		BucketColumns:          []string{},
		Columns:                catalogColumns(columns),
		Compressed:             f.Compression != "none",
		InputFormat:            aws.String("org.apache.hadoop.mapred.TextInputFormat"),
		Location:               aws.String(o.Include.url(location)),
		NumberOfBuckets:        -1,
		OutputFormat:           aws.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
		Parameters:             maps.Clone(params),
		SerdeInfo:              serde(f, columns),
		SortColumns:            []gluetypes.Order{},
		StoredAsSubDirectories: false,
	}
	if f.Classification == "parquet" {
		sd.InputFormat = aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat")
		sd.OutputFormat = aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat")
	}
	return sd
}

func serde(f format, columns []column) *gluetypes.SerDeInfo {
	switch f.Classification {
	case "parquet":
		return &gluetypes.SerDeInfo{
			SerializationLibrary: aws.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
			Parameters:           map[string]string{"serialization.format": "1"},
		}
	case "csv":
		return &gluetypes.SerDeInfo{
			SerializationLibrary: aws.String("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
			Parameters:           map[string]string{"field.delim": f.Delimiter},
		}
	default:
		return &gluetypes.SerDeInfo{
			SerializationLibrary: aws.String("org.openx.data.jsonserde.JsonSerDe"),
			Parameters:           map[string]string{"paths": paths(columns)},
		}
	}
}

// paths returns the SerDe parameter with the names in the data.
func paths(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Path
		if c.Path == "" {
			names[i] = c.Name
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

func catalogColumns(columns []column) []gluetypes.Column {
	out := make([]gluetypes.Column, len(columns))
	for i, c := range columns {
		out[i] = gluetypes.Column{Name: aws.String(c.Name), Type: aws.String(c.Type.String())}
	}
	return out
}

// columnsOf returns the columns of a catalog entry. An invalid type is kept as a primitive.
func columnsOf(sd *gluetypes.StorageDescriptor) []column {
	if sd == nil {
		return nil
	}
	original := map[string]string{}
	if sd.SerdeInfo != nil {
		for _, p := range strings.Split(sd.SerdeInfo.Parameters["paths"], ",") {
			original[strings.ToLower(p)] = p
		}
	}
	out := make([]column, len(sd.Columns))
	for i, c := range sd.Columns {
		t, err := parseHiveType(aws.ToString(c.Type))
		if err != nil {
			t = primitive(aws.ToString(c.Type))
		}
		out[i] = column{Name: aws.ToString(c.Name), Path: original[aws.ToString(c.Name)], Type: t}
	}
	return out
}
