package gateway

import (
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"localaws/store"
)

const dbRecords = "rds-instances"

// dbInstance holds what the emulator does not keep of a DB instance.
type dbInstance struct {
	LogExports []string
	// Fields replace elements of the answer, by name.
	Fields map[string]string
}

// dbFields maps parameters that the emulator drops, at creation or at a change, to the elements that show them.
var dbFields = map[string]string{
	"AutoMinorVersionUpgrade":            "AutoMinorVersionUpgrade",
	"CACertificateIdentifier":            "CACertificateIdentifier",
	"EnablePerformanceInsights":          "PerformanceInsightsEnabled",
	"PerformanceInsightsKMSKeyId":        "PerformanceInsightsKMSKeyId",
	"PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
	"PreferredBackupWindow":              "PreferredBackupWindow",
	"StorageThroughput":                  "StorageThroughput",
}

func newDBInstance(x *exchange) dbInstance {
	r := dbInstance{LogExports: x.list("EnableCloudwatchLogsExports.member")}
	r.take(x)
	return r
}

func (r *dbInstance) take(x *exchange) {
	if r.Fields == nil {
		r.Fields = map[string]string{}
	}
	for parameter, element := range dbFields {
		if v := x.get(parameter); v != "" {
			r.Fields[element] = v
		}
	}
}

func (s *rds) modifyRecord(id string, x *exchange) error {
	var r dbInstance
	if err := s.store.Get(dbRecords, strings.ToLower(id), &r); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.take(x)
	const logs = "CloudwatchLogsExportConfiguration."
	gone := x.list(logs + "DisableLogTypes.member")
	r.LogExports = slices.DeleteFunc(r.LogExports, func(l string) bool { return slices.Contains(gone, l) })
	for _, l := range x.list(logs + "EnableLogTypes.member") {
		if !slices.Contains(r.LogExports, l) {
			r.LogExports = append(r.LogExports, l)
		}
	}
	return s.store.Put(dbRecords, strings.ToLower(id), r)
}

func (s *rds) mendFromRecord(id string, item *etree.Element) error {
	var r dbInstance
	err := s.store.Get(dbRecords, strings.ToLower(id), &r)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	setList(item, "EnabledCloudwatchLogsExports", "member", r.LogExports)
	for element, value := range r.Fields {
		set(item, element, value)
	}
	return nil
}
