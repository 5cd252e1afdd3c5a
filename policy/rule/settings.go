package rule

// Settings are the limits that rules compare with, for one environment.
type Settings struct {
	Environment Environment
}

// DefaultSettings gives the limits of an environment.
func DefaultSettings(env Environment) Settings {
	return Settings{Environment: env}
}
