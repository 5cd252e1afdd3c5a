package config

import "regexp"

// Consumer settings.
type Consumer struct {
	InstanceType string `config:"consumerInstanceType"`
}

var (
	// Families of x86-64 and Graviton: the image exists for both.
	instanceType = regexp.MustCompile(`^(t3|t3a|t4g)\.(nano|micro|small|medium|large|xlarge|2xlarge)$|` +
		`^(m5|m5a|m6i|m6a|m7i|m7a|c5|c5a|c6i|c6a|c7i|c7a|r5|r5a|r6i|r6a|r7i|r7a|m6g|m7g|m8g|c6g|c7g|c8g|r6g|r7g|r8g)\.(large|xlarge|(2|4|8)xlarge)$`)
	graviton = regexp.MustCompile(`^[a-z]+[0-9]g\.`)
)

func (c Consumer) validate(k *check) {
	matches(k, "consumerInstanceType", c.InstanceType, instanceType, "a type such as t4g.micro, t3.micro or m7i.large")
}

// Graviton reports whether the instance has an arm64 processor.
func (c Consumer) Graviton() bool { return graviton.MatchString(c.InstanceType) }
