package config

// Analytics settings.
type Analytics struct {
	// ScanLimitMiB limits how much one query may read.
	ScanLimitMiB int `config:"athenaScanLimitMiB"`
}

func (a Analytics) validate(k *check) {
	between(k, "athenaScanLimitMiB", a.ScanLimitMiB, 10, 10*1024*1024)
}
