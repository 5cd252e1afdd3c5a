package doctor

import (
	"os"
	"path/filepath"
)

// credentials checks where the AWS SDK would find credentials, in its order, without
// reading them.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
func credentials(env func(string) string) []Finding {
	const check, fix = "AWS credentials", "set both, or neither"
	id, secret := env("AWS_ACCESS_KEY_ID") != "", env("AWS_SECRET_ACCESS_KEY") != ""
	var found Finding
	switch {
	case id && secret:
		found = ok(check, "in environment variables; the local stack does not use them")
	case id || secret:
		found = warning(check, "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set", fix)
	case env("AWS_WEB_IDENTITY_TOKEN_FILE") != "":
		found = ok(check, "by a web identity; the local stack does not use them")
	default:
		found = fileCredentials(check, env)
	}
	findings := []Finding{found}
	if env("AWS_ENDPOINT_URL") != "" {
		findings = append(findings, warning("AWS_ENDPOINT_URL", "is set: every AWS client calls it instead of AWS", "unset it, unless you mean it"))
	}
	return findings
}

func fileCredentials(check string, env func(string) string) Finding {
	var files []string
	home, _ := os.UserHomeDir()
	for variable, name := range map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"} {
		file := env(variable)
		if file == "" {
			file = filepath.Join(home, ".aws", name)
		}
		if exists(file) {
			files = append(files, file)
		}
	}
	profile := env("AWS_PROFILE")
	switch {
	case len(files) > 0 && profile != "":
		return ok(check, "profile %s in %s; the local stack does not use them", profile, sorted(files))
	case len(files) > 0:
		return ok(check, "%s; the local stack does not use them", sorted(files))
	case profile != "":
		return warning(check, "AWS_PROFILE is "+profile+", but there is no file with profiles", "log in with `aws configure` or `aws configure sso`")
	case env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "":
		return ok(check, "of the container; the local stack does not use them")
	}
	return ok(check, "none found: only a stack on AWS needs them")
}
