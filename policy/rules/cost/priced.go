package cost

import (
	"fmt"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// priced lists the types that cost money while idle, with the function that prices them.
var priced map[string]func(*estimator, rule.Resource)

func init() {
	priced = map[string]func(*estimator, rule.Resource){
		aws.Key:            each("keys", "kms key"),
		aws.Secret:         each("secrets", "secret"),
		aws.MetricAlarm:    alarm,
		aws.CompositeAlarm: each("composite alarms", "composite alarm"),
		dashboard:          each("dashboards", "dashboard"),
		aws.NatGateway:     each("NAT gateways", "nat gateway"),
		aws.Eip:            each("public addresses", "public address"),
		aws.VpcEndpoint:    endpoint,
		aws.DBInstance:     database,
		aws.Instance:       machine,
		aws.GlueCrawler:    crawler,
		aws.GlueJob:        job,
	}
}

// each returns a function for types whose cost does not depend on properties.
func each(group, item string) func(*estimator, rule.Resource) {
	return func(e *estimator, r rule.Resource) { e.charge(group, "", item, r.Get(), 1) }
}

// alarm prices an alarm for each metric in its expression.
// https://aws.amazon.com/cloudwatch/pricing/
func alarm(e *estimator, r rule.Resource) {
	metrics := 0
	for _, query := range r.Get("metricQueries").Elements() {
		if query.Get("metric").State() != value.Missing {
			metrics++
		}
	}
	e.charge("alarms", "", "alarm", r.Get(), float64(max(metrics, 1)))
}

// endpoint prices an endpoint per zone; gateway endpoints of S3 and DynamoDB are free.
func endpoint(e *estimator, r rule.Resource) {
	kind, ok := e.text(r.Get("vpcEndpointType"))
	if !ok || kind == "" || kind == "Gateway" {
		return
	}
	subnets := r.Get("subnetIds").Elements()
	e.charge("interface endpoints", fmt.Sprintf("%d zones", len(subnets)), "interface endpoint in a zone", r.Get("subnetIds"), float64(len(subnets)))
}

// database prices the instance and its storage, both twice with a standby. Autoscaling storage counts with its
// initial size. Backups are free up to the size of the storage.
func database(e *estimator, r rule.Resource) {
	class, classKnown := e.text(r.Get("instanceClass"))
	engine, engineKnown := e.text(r.Get("engine"))
	size, sizeKnown := e.number(r.Get("allocatedStorage"))
	storage, storageKnown := e.text(r.Get("storageType"))
	standby, err := r.Get("multiAz").Bool()
	e.doubt(rule.Unreadable(err))
	if !classKnown || !engineKnown || !sizeKnown || !storageKnown || err != nil {
		return
	}
	copies, suffix := 1.0, ""
	if standby {
		copies, suffix = 2, ", in two zones"
	}
	if storage == "" {
		storage = "gp2"
	}
	if !e.stack.KeptStopped(r) { // A stopped database costs only its storage.
		e.charge("database", class+suffix, engine+" "+class, r.Get("instanceClass"), copies)
	}
	e.charge("database storage", fmt.Sprintf("%.0f GiB%s", size, suffix), "rds "+storage, r.Get("storageType"), size*copies)
}

// machine prices an instance with its public address, its root volume and other volumes.
func machine(e *estimator, r rule.Resource) {
	if kind, ok := e.text(r.Get("instanceType")); ok {
		e.charge("instances", kind, kind, r.Get("instanceType"), 1)
	}
	public, err := r.Get("associatePublicIpAddress").Bool()
	e.doubt(rule.Unreadable(err))
	if public && err == nil {
		e.charge("public addresses", "", "public address", r.Get("associatePublicIpAddress"), 1)
	}
	for _, volume := range append(r.Get("ebsBlockDevices").Elements(), r.Get("rootBlockDevice")) {
		size, sizeKnown := e.number(volume.Get("volumeSize"))
		kind, kindKnown := e.text(volume.Get("volumeType"))
		if !sizeKnown || !kindKnown {
			continue
		}
		if size == 0 {
			size = 8 // The size of Amazon's images.
		}
		if kind == "" {
			kind = "gp2"
		}
		e.charge("volumes", fmt.Sprintf("%.0f GiB", size), "ebs "+kind, volume.Get("volumeType"), size)
	}
}
