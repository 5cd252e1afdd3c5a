package rds

import (
	"errors"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"localaws/gateway/query"
	"localaws/store"
)

const dbRecords = "rds-instances"

// dbInstance contains the properties of a DB instance that the emulator does not store.
type dbInstance struct {
	LogExports []string
	// Fields replace elements of the response, by name.
	Fields map[string]string
}

// dbFields maps parameters that the emulator drops to the response elements with their values.
var dbFields = map[string]string{
	"AutoMinorVersionUpgrade":            "AutoMinorVersionUpgrade",
	"CACertificateIdentifier":            "CACertificateIdentifier",
	"EnablePerformanceInsights":          "PerformanceInsightsEnabled",
	"PerformanceInsightsKMSKeyId":        "PerformanceInsightsKMSKeyId",
	"PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
	"PreferredBackupWindow":              "PreferredBackupWindow",
	"StorageThroughput":                  "StorageThroughput",
}

func newDBInstance(x *query.Exchange) dbInstance {
	r := dbInstance{LogExports: x.List("EnableCloudwatchLogsExports.member")}
	r.setFields(x)
	return r
}

func (r *dbInstance) setFields(x *query.Exchange) {
	if r.Fields == nil {
		r.Fields = map[string]string{}
	}
	for parameter, element := range dbFields {
		if v := x.Get(parameter); v != "" {
			r.Fields[element] = v
		}
	}
}

func (s *Service) modifyRecord(id string, x *query.Exchange) error {
	var r dbInstance
	if err := s.Store.Get(dbRecords, strings.ToLower(id), &r); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.setFields(x)
	const logs = "CloudwatchLogsExportConfiguration."
	disabled := x.List(logs + "DisableLogTypes.member")
	r.LogExports = slices.DeleteFunc(r.LogExports, func(l string) bool { return slices.Contains(disabled, l) })
	for _, l := range x.List(logs + "EnableLogTypes.member") {
		if !slices.Contains(r.LogExports, l) {
			r.LogExports = append(r.LogExports, l)
		}
	}
	return s.Store.Put(dbRecords, strings.ToLower(id), r)
}

func (s *Service) correctFromRecord(id string, item *etree.Element) error {
	var r dbInstance
	err := s.Store.Get(dbRecords, strings.ToLower(id), &r)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	query.SetList(item, "EnabledCloudwatchLogsExports", "member", r.LogExports)
	for element, value := range r.Fields {
		query.Set(item, element, value)
	}
	return nil
}
