// Package zxcvbn replaces an estimate of a password's strength whose word lists need a quarter of the time that each
// start of the CLI takes. `pulumi config set` uses it to refuse secrets in plain text.
package zxcvbn

// Strength is the part of the estimate that the CLI reads.
type Strength struct {
	Entropy float64 // In bits.
}

// PasswordStrength assumes random printable characters, so that a value is refused rather than stored in plain text.
func PasswordStrength(password string, _ []string) Strength {
	return Strength{Entropy: 6.5 * float64(len(password))}
}
