package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"store-events/config"
)

const instanceType = "aws:rds/instance:Instance"

// databaseVersion checks that RDS offers the engine's version. RDS accepts a major
// version such as 8.4, and chooses the minor version.
func databaseVersion(ctx context.Context, r *run) ([]Finding, error) {
	var found []Finding
	for _, db := range r.plan.all(instanceType) {
		engine, wanted := db.text("engine"), db.text("engineVersion")
		var offered []string
		pages := rds.NewDescribeDBEngineVersionsPaginator(r.rds, &rds.DescribeDBEngineVersionsInput{Engine: &engine})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, v := range page.DBEngineVersions {
				offered = append(offered, aws.ToString(v.EngineVersion))
			}
		}
		if !slices.ContainsFunc(offered, func(v string) bool { return isVersion(v, wanted) }) {
			found = append(found, Finding{
				ID: "database-version", Status: Problem, What: fmt.Sprintf("RDS does not offer %s %s in %s", engine, wanted, r.plan.Region),
				Do: "set store-events:databaseEngineVersion to one of " + list(offered),
			})
		}
	}
	return or(found, "database-version", r.orNoDatabase("the engine's version is offered")), nil
}

// isVersion reports whether a version is the wanted version, or a minor version of it.
func isVersion(version, wanted string) bool {
	return version == wanted || strings.HasPrefix(version, wanted+".")
}

// databaseClass checks that the zones offer the instance class. RDS puts an
// instance into a zone that offers it, and a standby into another one.
func databaseClass(ctx context.Context, r *run) ([]Finding, error) {
	var found []Finding
	for _, db := range r.plan.all(instanceType) {
		available, err := r.available(ctx)
		if err != nil {
			return nil, err
		}
		wanted, err := r.wantedZones(ctx)
		if err != nil {
			return nil, err
		}
		chosen, err := config.ChooseZones(r.plan.Region, available, wanted)
		if err != nil {
			return nil, nil // zones reports it.
		}
		offering, err := r.orderable(ctx, db)
		if err != nil {
			return nil, err
		}
		offering = slices.DeleteFunc(offering, func(zone string) bool { return !slices.Contains(available, zone) })
		if f := classIn(db, chosen, offering); f != nil {
			found = append(found, *f)
		}
	}
	return or(found, "database-class", r.orNoDatabase("the database's class is offered in the stack's zones")), nil
}

// orNoDatabase returns what a check of the plan's database has found, if there is one.
func (r *run) orNoDatabase(what string) string {
	if len(r.plan.all(instanceType)) == 0 {
		return "the stack creates no database"
	}
	return what
}

// classIn compares the stack's zones with the zones that offer the class.
func classIn(db Resource, chosen, offering []string) *Finding {
	var without []string
	for _, zone := range chosen {
		if !slices.Contains(offering, zone) {
			without = append(without, zone)
		}
	}
	if len(without) == 0 {
		return nil
	}
	what := fmt.Sprintf("RDS does not offer %s with %s %s in %s", db.text("instanceClass"), db.text("engine"), db.text("engineVersion"), list(without))
	f := &Finding{ID: "database-class", Status: Problem, What: what, Do: "set store-events:databaseInstanceClass to another class"}
	if len(offering) >= config.Zones {
		f.Do += ", or store-events:availabilityZones to zones that offer it: " + list(offering)
	}
	if multi, _ := db.Inputs["multiAz"].(bool); !multi && len(without) < len(chosen) {
		f.Status = Warning
		f.What += "; the instance can run only in the other zone, without a standby"
	}
	return f
}

// orderable returns the zones that offer the class with the engine's version.
func (r *run) orderable(ctx context.Context, db Resource) ([]string, error) {
	engine, class := db.text("engine"), db.text("instanceClass")
	pages := rds.NewDescribeOrderableDBInstanceOptionsPaginator(r.rds, &rds.DescribeOrderableDBInstanceOptionsInput{
		Engine: &engine, DBInstanceClass: &class, Vpc: aws.Bool(true),
	})
	var zones []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.OrderableDBInstanceOptions {
			if !isVersion(aws.ToString(o.EngineVersion), db.text("engineVersion")) {
				continue
			}
			for _, zone := range o.AvailabilityZones {
				zones = append(zones, aws.ToString(zone.Name))
			}
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones), nil
}
