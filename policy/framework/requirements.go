package framework

// related lists, by control of AWS Security Hub, the requirements of the CIS AWS Foundations Benchmark and of PCI DSS
// that AWS documents for it, as of November 2026: "Related requirements" of each control in
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html and, for CIS, also
// https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html#cis-version-comparison
//
// Only controls in the sources of rules are listed. EC2.51 (connection logs of a client VPN) and SSM.1 (inventory of
// instances) are omitted although AWS relates them to PCI DSS, because their rules check something else.
var related = []struct{ control, cis5, cis3, cis14, cis12, pci4, pci3 string }{
	{"EC2.2", "5.5", "5.4", "5.3", "4.3", "", "1.2.1 1.3.4 2.1"},
	{"EC2.6", "3.7", "3.7", "3.9", "2.9", "", "10.3.3 10.3.4 10.3.5 10.3.6"},
	{"EC2.7", "5.1.1", "2.2.1", "2.2.1", "", "", ""},
	{"EC2.8", "5.7", "5.6", "", "", "2.2.6", ""},
	{"EC2.12", "", "", "", "", "", "2.4"},
	{"EC2.13", "", "", "", "4.1", "1.3.1", "1.2.1 1.3.1 2.2.2"},
	{"EC2.14", "", "", "", "4.2", "1.3.1", ""},
	{"EC2.15", "", "", "", "", "1.4.4", ""},
	{"EC2.21", "5.2", "5.1", "5.1", "", "1.3.1", ""},
	{"EC2.53", "5.3", "5.2", "", "", "1.3.1", ""},
	{"EC2.54", "5.4", "5.3", "", "", "1.3.1", ""},
	{"IAM.1", "", "", "1.16", "1.22", "", "7.2.1"},
	{"IAM.2", "1.14", "1.15", "", "1.16", "", "7.2.1"},
	{"IAM.3", "1.13", "1.14", "1.14", "1.4", "8.3.9 8.6.3", ""},
	{"IAM.7", "", "", "", "", "8.3.6 8.3.7 8.3.9 8.3.10.1 8.6.3", ""},
	{"KMS.4", "3.6", "3.6", "3.8", "2.8", "3.7.4", "3.6.4"},
	{"Lambda.1", "", "", "", "", "7.2.1", "1.2.1 1.3.1 1.3.2 1.3.4 7.2.1"},
	{"Lambda.2", "", "", "", "", "12.3.4", ""},
	{"Lambda.3", "", "", "", "", "", "1.2.1 1.3.1 1.3.2 1.3.4"},
	{"RDS.2", "2.2.3", "2.3.3", "", "", "1.4.4", "1.2.1 1.3.1 1.3.2 1.3.4 1.3.6 7.2.1"},
	{"RDS.3", "2.2.1", "2.3.1", "2.3.1", "", "", ""},
	{"RDS.5", "2.2.4", "", "", "", "", ""},
	{"RDS.9", "", "", "", "", "10.2.1", ""},
	{"RDS.13", "2.2.2", "2.3.2", "", "", "6.3.3", ""},
	{"RDS.25", "", "", "", "", "2.2.2", ""},
	{"S3.1", "2.1.4", "2.1.4", "2.1.5", "", "1.4.4", "1.2.1 1.3.1 1.3.2 1.3.4 1.3.6"},
	{"S3.2", "", "", "", "", "", "1.2.1 1.3.1 1.3.2 1.3.6 7.2.1"},
	{"S3.3", "", "", "", "", "", "1.2.1 1.3.1 1.3.2 1.3.4 1.3.6 7.2.1"},
	{"S3.5", "2.1.1", "2.1.1", "2.1.2", "", "4.2.1", "4.1"},
	{"S3.8", "2.1.4", "2.1.4", "2.1.5", "", "1.4.4", ""},
	{"S3.9", "", "", "", "", "10.2.1", ""},
	{"S3.17", "", "", "", "", "3.5.1", ""},
	{"SecretsManager.1", "", "", "", "", "8.3.9 8.6.3", ""},
	{"SecretsManager.4", "", "", "", "", "8.3.9 8.6.3", ""},
}
