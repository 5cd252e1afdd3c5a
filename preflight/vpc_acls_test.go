package preflight_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy/standin"
	"store-events/preflight"
)

// answering replaces the emulator's response to an action of EC2, or a string in it: the
// emulator does not keep subnets and ports of network ACLs, nor states.
type answering struct {
	action   string
	old, new string // Without old, new is the whole response.
}

func (a answering) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	asked := strings.Contains(string(body), "Action="+a.action+"&")
	if asked && a.old == "" {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.new)), Request: r}, nil
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil || !asked {
		return answer, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(text), a.old) {
		return nil, fmt.Errorf("the response to %s lacks %q: %s", a.action, a.old, text)
	}
	answer.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(text), a.old, a.new)))
	answer.ContentLength = -1
	return answer, nil
}

func aclOf(subnet, entries string) answering {
	return answering{action: "DescribeNetworkAcls", new: fmt.Sprintf(`<DescribeNetworkAclsResponse><networkAclSet><item><networkAclId>acl-1</networkAclId><entrySet>%s</entrySet><associationSet><item><subnetId>%s</subnetId></item></associationSet></item></networkAclSet></DescribeNetworkAclsResponse>`, entries, subnet)}
}

func TestNetworkACLsOfAnExistingVpc(t *testing.T) {
	a := newAccount(t)
	vpc, err := standin.NewVpc(t.Context(), a.cfg, false)
	require.NoError(t, err)
	n := preflight.Network{VpcID: vpc.ID, AppSubnets: vpc.AppSubnets, DbSubnets: vpc.DbSubnets, Workers: 2}
	entry := func(number int, egress bool, protocol, action, cidr, ports string) string {
		from, to, found := strings.Cut(ports, "-")
		if found {
			ports = fmt.Sprintf("<portRange><from>%s</from><to>%s</to></portRange>", from, to)
		}
		return fmt.Sprintf("<item><ruleNumber>%d</ruleNumber><protocol>%s</protocol><ruleAction>%s</ruleAction><egress>%t</egress><cidrBlock>%s</cidrBlock>%s</item>", number, protocol, action, egress, cidr, ports)
	}
	const all = "0.0.0.0/0"
	last := entry(32767, true, "-1", "deny", all, "") + entry(32767, false, "-1", "deny", all, "")
	answers := entry(100, false, "6", "allow", all, "1024-65535")
	for name, tc := range map[string]struct {
		entries string
		want    []string
	}{
		"the default":            {entry(100, true, "-1", "allow", all, "") + entry(100, false, "-1", "allow", all, "") + last, nil},
		"nothing":                {last, []string{"does not allow outbound HTTPS", "does not allow inbound responses"}},
		"HTTPS and answers":      {entry(100, true, "6", "allow", all, "443-443") + answers + last, nil},
		"HTTPS to the VPC":       {entry(100, true, "6", "allow", "10.0.0.0/8", "443-443") + answers + last, []string{"does not allow outbound HTTPS to public addresses"}},
		"answers of the VPC":     {entry(100, true, "-1", "allow", all, "") + entry(100, false, "-1", "allow", "172.31.0.0/16", "") + last, []string{"does not allow inbound responses from public addresses"}},
		"HTTPS to IPv6":          {strings.ReplaceAll(entry(100, true, "6", "allow", "::/0", "443-443"), "cidrBlock", "ipv6CidrBlock") + answers + last, []string{"does not allow outbound HTTPS"}},
		"HTTPS to S3":            {entry(100, true, "6", "allow", "52.216.0.0/15", "443-443") + answers + last, nil},
		"another port":           {entry(100, true, "6", "allow", all, "80-80") + answers + last, []string{"does not allow outbound HTTPS"}},
		"UDP":                    {entry(100, true, "17", "allow", all, "443-443") + answers + last, []string{"does not allow outbound HTTPS"}},
		"denied first":           {entry(90, true, "6", "deny", all, "400-500") + entry(100, true, "-1", "allow", all, "") + answers + last, []string{"does not allow outbound HTTPS"}},
		"denied to some first":   {entry(90, true, "6", "deny", "10.0.0.0/8", "443-443") + entry(100, true, "-1", "allow", all, "") + answers + last, nil},
		"denied, but afterwards": {entry(100, true, "-1", "allow", all, "") + entry(110, true, "-1", "deny", all, "") + answers + last, nil},
		"no answers":             {entry(100, true, "-1", "allow", all, "") + entry(100, false, "6", "allow", all, "443-443") + last, []string{"does not allow inbound responses"}},
	} {
		with := *a
		with.cfg.HTTPClient = aclOf(vpc.AppSubnets[0], tc.entries)
		found := existingVpc(t, &with, n)
		if tc.want == nil {
			require.Equal(t, preflight.OK, found[0].Status, "%s: %s", name, found[0].What)
			continue
		}
		require.Len(t, found, len(tc.want), name)
		for i, want := range tc.want {
			require.Equal(t, preflight.Problem, found[i].Status, name)
			require.Contains(t, found[i].What, "network ACL acl-1 of subnet "+vpc.AppSubnets[0]+" "+want, name)
		}
	}
}
