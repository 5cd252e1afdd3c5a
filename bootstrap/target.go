package main

import "fmt"

// target is the stack that a role deploys, and its location.
type target struct {
	partition, region, account string
	// env is the stack's name, and the tag Environment of its resources.
	env string
	// database, crawler and job are names that do not begin with prefix.
	database, crawler, job string
	stateBucket            string
	// catalogKeyArn is another stack's key that encrypts the Glue data catalog, if one does.
	catalogKeyArn string
	// encryptsCatalog reports whether the stack sets catalogEncryption.
	encryptsCatalog bool
}

// project is the project's name, and the tag Project of its resources.
const project = "store-events"

// prefix returns the prefix of the names of a stack's resources.
func (t target) prefix() string { return project + "-" + t.env }

// roleName returns the name of a role of CI. It does not begin with prefix, so that a
// role that may change the stack's roles cannot change itself.
func (t target) roleName(suffix string) string { return "github-" + t.prefix() + suffix }

func (t target) boundaryArn() string {
	return fmt.Sprintf("arn:%s:iam::%s:policy/%s", t.partition, t.account, t.roleName("-boundary"))
}

func (t target) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", t.partition, service, t.region, t.account, resource)
}

// arns returns ARNs of resources of a service.
func (t target) arns(service string, resources ...string) []string {
	var out []string
	for _, r := range resources {
		out = append(out, t.arn(service, r))
	}
	return out
}

// amazons returns ARNs, without an account, of documents and runbooks of Systems Manager that AWS owns.
func (t target) amazons(resources ...string) []string {
	var out []string
	for _, r := range resources {
		out = append(out, fmt.Sprintf("arn:%s:ssm:%s::%s", t.partition, t.region, r))
	}
	return out
}

// global returns ARNs of a service without regions.
func (t target) global(service string, resources ...string) []string {
	var out []string
	for _, r := range resources {
		out = append(out, fmt.Sprintf("arn:%s:%s::%s:%s", t.partition, service, t.account, r))
	}
	return out
}

// named returns the ARNs of resources whose name is the prefix, or the prefix, a hyphen
// and more, because other stacks' names may begin like this one's.
func (t target) named(service, kind string) []string {
	return t.arns(service, kind+t.prefix(), kind+t.prefix()+"-*")
}

func (t target) buckets(suffix string) []string {
	return []string{fmt.Sprintf("arn:%s:s3:::%s-*%s", t.partition, t.prefix(), suffix)}
}

// objects returns the ARN of the objects in a folder of the stack's buckets.
func (t target) objects(folder string) []string { return t.buckets("/" + folder + "/*") }

// catalogKey allows use of the data catalog's key, which has the tags of another stack.
// https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html
func (t target) catalogKey(sid string, actions ...string) []statement {
	if t.catalogKeyArn == "" {
		return nil
	}
	return []statement{allow(sid, of("kms", actions...), []string{t.catalogKeyArn})}
}

// tagged limits a statement to the stack's tags, in the request or on the resource.
func (t target) tagged(s statement, where string) statement {
	return s.when("StringEquals", where+"/Project", project).when("StringEquals", where+"/Environment", t.env)
}

// untagged limits a statement that adds tags to resources that no project has tagged, because replacing the tags of
// another stack's resource would take it over. New resources have no tags yet.
func (t target) untagged(s statement) statement {
	return t.tagged(s, byRequest).when("Null", byResource+"/Project", "true")
}

const (
	byRequest  = "aws:RequestTag"
	byResource = "aws:ResourceTag"
)

// anything is the resource of actions that IAM cannot limit to resources.
var anything = []string{"*"}
