package preflight

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
)

// quota is a limit of account and region.
type quota struct {
	service, code, what string
	// needs returns how much of it the plan uses, and used how much is in use. used is
	// nil if every stack has its own quota.
	needs func(p Plan) int
	used  func(ctx context.Context, r *run) (int, error)
}

// The codes are those of `aws service-quotas list-service-quotas`.
var limits = []quota{
	{"vpc", "L-F678F1CE", "VPCs", count("aws:ec2/vpc:Vpc"), func(ctx context.Context, r *run) (int, error) {
		pages := ec2.NewDescribeVpcsPaginator(r.ec2, &ec2.DescribeVpcsInput{})
		return total(pages.HasMorePages, func() (int, error) {
			out, err := pages.NextPage(ctx)
			return length(out, err, func() int { return len(out.Vpcs) })
		})
	}},
	{"vpc", "L-A4707A72", "internet gateways", count("aws:ec2/internetGateway:InternetGateway"), func(ctx context.Context, r *run) (int, error) {
		pages := ec2.NewDescribeInternetGatewaysPaginator(r.ec2, &ec2.DescribeInternetGatewaysInput{})
		return total(pages.HasMorePages, func() (int, error) {
			out, err := pages.NextPage(ctx)
			return length(out, err, func() int { return len(out.InternetGateways) })
		})
	}},
	{"ec2", "L-0263D0A3", "Elastic IP addresses", count("aws:ec2/eip:Eip"), func(ctx context.Context, r *run) (int, error) {
		out, err := r.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		return length(out, err, func() int { return len(out.Addresses) })
	}},
	{"vpc", "L-29B6F2EB", "interface endpoints in the VPC", interfaceEndpoints, nil},
	{"rds", "L-7B6409FD", "RDS instances", count("aws:rds/instance:Instance"), func(ctx context.Context, r *run) (int, error) {
		pages := rds.NewDescribeDBInstancesPaginator(r.rds, &rds.DescribeDBInstancesInput{})
		return total(pages.HasMorePages, func() (int, error) {
			out, err := pages.NextPage(ctx)
			return length(out, err, func() int { return len(out.DBInstances) })
		})
	}},
	{"ec2", "L-1216C47A", "vCPUs of on-demand instances", vcpus, usedVCPUs},
	// The use by other jobs changes all the time; runs beyond the quota fail or wait.
	{"glue", "L-08F3B322", "DPUs of Glue jobs", dpus, nil},
	{"glue", "L-5E4153CA", "concurrent runs of Glue jobs", count("aws:glue/job:Job"), nil},
}

// quotas compares the account's limits with its current use plus the plan.
func quotas(ctx context.Context, r *run) ([]Finding, error) {
	var found []Finding
	var failed []error
	for _, q := range limits {
		needs := q.needs(r.plan)
		if needs == 0 {
			continue
		}
		limit, err := r.limit(ctx, q)
		used := 0
		if err == nil && q.used != nil {
			used, err = q.used(ctx, r)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", q.what, err))
			continue
		}
		if float64(used+needs) <= limit {
			found = append(found, ok("quota", fmt.Sprintf("%s: %d in use, %d planned, at most %g", q.what, used, needs, limit))...)
			continue
		}
		found = append(found, Finding{
			ID: "quota", Status: Problem,
			What: fmt.Sprintf("the stack needs %d %s; the account uses %d of %g", needs, q.what, used, limit),
			Do: fmt.Sprintf("delete unused ones, or request an increase and wait for its approval: `aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %d`",
				q.service, q.code, used+needs),
		})
	}
	return found, errors.Join(failed...)
}

// limit returns the account's quota, or AWS's default.
func (r *run) limit(ctx context.Context, q quota) (float64, error) {
	applied, err := r.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err == nil {
		return aws.ToFloat64(applied.Quota.Value), nil
	}
	if !missing(err) {
		return 0, err
	}
	standard, err := r.quotas.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code})
	if err != nil {
		return 0, err
	}
	return aws.ToFloat64(standard.Quota.Value), nil
}

func count(kind string) func(Plan) int { return func(p Plan) int { return len(p.all(kind)) } }

func interfaceEndpoints(p Plan) int {
	n := 0
	for _, e := range p.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
		if e.text("vpcEndpointType") == "Interface" {
			n++
		}
	}
	return n
}

// dpus returns the total DPUs of all jobs. The number in a worker type is its
// DPUs.
// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
func dpus(p Plan) int {
	n := 0
	for _, job := range p.all("aws:glue/job:Job") {
		var each int
		if _, size, _ := strings.Cut(job.text("workerType"), "."); size != "" {
			_, _ = fmt.Sscanf(size, "%dX", &each) // Stays 0 without a number.
		}
		n += each * job.number("numberOfWorkers")
	}
	return n
}

// vcpus returns the vCPUs of the planned instances. Sizes below xlarge have two,
// xlarge has four.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
func vcpus(p Plan) int {
	n := 0
	for _, instance := range p.all("aws:ec2/instance:Instance") {
		_, size, _ := strings.Cut(instance.text("instanceType"), ".")
		times := 1
		switch {
		case size == "xlarge":
			n += 4
		case strings.HasSuffix(size, "xlarge"):
			_, _ = fmt.Sscanf(size, "%dxlarge", &times) // The configuration allows no other form.
			n += 4 * times
		default:
			n += 2
		}
	}
	return n
}

// standard matches the types of instances that the quota L-1216C47A limits: families A, C, D, H, I, M, R, T and Z.
// Others, such as G, P or HPC, have separate quotas.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
var standard = regexp.MustCompile(`^([acdhimrtz]|im|is)[0-9]`)

func usedVCPUs(ctx context.Context, r *run) (int, error) {
	pages := ec2.NewDescribeInstancesPaginator(r.ec2, &ec2.DescribeInstancesInput{
		Filters: []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"pending", "running"}}},
	})
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, reservation := range page.Reservations {
			for _, instance := range reservation.Instances {
				if cpu := instance.CpuOptions; cpu != nil && instance.InstanceLifecycle == "" && standard.MatchString(string(instance.InstanceType)) {
					n += int(aws.ToInt32(cpu.CoreCount) * aws.ToInt32(cpu.ThreadsPerCore))
				}
			}
		}
	}
	return n, nil
}

func total(more func() bool, next func() (int, error)) (int, error) {
	n := 0
	for more() {
		page, err := next()
		if err != nil {
			return 0, err
		}
		n += page
	}
	return n, nil
}

func length[T any](_ *T, err error, count func() int) (int, error) {
	if err != nil {
		return 0, err
	}
	return count(), nil
}
