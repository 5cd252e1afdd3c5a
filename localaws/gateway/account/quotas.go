package account

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"localaws/awsjson"
	"localaws/credentials"
)

// quotaTarget is the prefix of X-Amz-Target of Service Quotas.
const quotaTarget = "ServiceQuotasV20190624."

type quota struct {
	service, name string
	value         float64
}

// quotas maps quota codes to AWS's default values:
// https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
var quotas = map[string]quota{
	"L-F678F1CE": {"vpc", "VPCs per Region", 5},
	"L-A4707A72": {"vpc", "Internet gateways per Region", 5},
	"L-FE5A380F": {"vpc", "NAT gateways per Availability Zone", 5},
	"L-29B6F2EB": {"vpc", "Interface VPC endpoints per VPC", 50},
	"L-0263D0A3": {"ec2", "EC2-VPC Elastic IPs", 5},
	"L-1216C47A": {"ec2", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5},
	"L-7B6409FD": {"rds", "DB instances", 40},
	"L-08F3B322": {"glue", "Max task DPUs per account", 1000},
	"L-5E4153CA": {"glue", "Max concurrent job runs per account", 2000},
	"L-B99A9384": {"lambda", "Concurrent executions", 1000},
}

type quotaInput struct{ ServiceCode, QuotaCode string }

// QuotaOperations returns the operations of Service Quotas:
// https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/
func (a Limits) QuotaOperations() awsjson.Operations {
	one := func(value func(quotaInput) (float64, error)) awsjson.Handler {
		return awsjson.Typed(func(_ context.Context, in quotaInput) (map[string]any, error) {
			if q, ok := quotas[in.QuotaCode]; !ok || q.service != in.ServiceCode {
				return nil, awsjson.Errorf("NoSuchResourceException", "The request failed because the specified quota does not exist.")
			}
			v, err := value(in)
			return map[string]any{"Quota": a.describe(in.QuotaCode, v)}, err
		})
	}
	return awsjson.Operations{
		quotaTarget + "GetServiceQuota": one(func(in quotaInput) (float64, error) { return a.quota(in.QuotaCode) }),
		quotaTarget + "GetAWSDefaultServiceQuota": one(func(in quotaInput) (float64, error) {
			return quotas[in.QuotaCode].value, nil
		}),
		quotaTarget + "ListServiceQuotas": awsjson.Typed(func(_ context.Context, in quotaInput) (map[string]any, error) {
			list := []any{}
			for _, code := range slices.Sorted(maps.Keys(quotas)) {
				if quotas[code].service != in.ServiceCode {
					continue
				}
				v, err := a.quota(code)
				if err != nil {
					return nil, err
				}
				list = append(list, a.describe(code, v))
			}
			return map[string]any{"Quotas": list}, nil
		}),
	}
}

func (a Limits) quota(code string) (float64, error) {
	l, err := a.read()
	if value, ok := l.Quotas[code]; ok {
		return value, err
	}
	return quotas[code].value, err
}

func (a Limits) describe(code string, value float64) map[string]any {
	q := quotas[code]
	return map[string]any{
		"ServiceCode": q.service, "QuotaCode": code, "QuotaName": q.name, "Value": value, "Adjustable": true, "GlobalQuota": false, "Unit": "None",
		"QuotaArn": fmt.Sprintf("arn:aws:servicequotas:%s:%s:%s/%s", a.Region, credentials.AccountID, q.service, code),
	}
}
