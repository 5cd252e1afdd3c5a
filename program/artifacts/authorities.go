package artifacts

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// amazonRDS contains the certificate authorities of RDS in most regions; its header
// names its source.
const amazonRDS = "program/artifacts/certificates/amazon-rds.pem"

// authorities returns the path of the PEM file. It must contain certificates of
// authorities: clients would otherwise refuse every connection.
func authorities(projectDir, file string) (string, error) {
	if file == "" {
		file = amazonRDS
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(projectDir, file)
	}
	text, err := os.ReadFile(file) //nolint:gosec // The user names it.
	if err != nil {
		return "", fmt.Errorf("authorities of the database's certificate: %w", err)
	}
	if _, err := parse(text); err != nil {
		return "", fmt.Errorf("authorities of the database's certificate: %s: %w", file, err)
	}
	return file, nil
}

// CheckRegion returns an error if Amazon's authorities in the project do not sign the certificates of RDS in a region:
// the functions and the job would refuse every connection, once the instance exists. Each region has its own
// authorities, and those of regions that AWS opened later, and of GovCloud, are not in the file.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
func CheckRegion(projectDir, region string) error {
	text, err := os.ReadFile(filepath.Join(projectDir, amazonRDS)) //nolint:gosec // Of the project.
	if err != nil {
		return fmt.Errorf("authorities of the database's certificate: %w", err)
	}
	all, err := parse(text)
	if err != nil {
		return fmt.Errorf("authorities of the database's certificate: %s: %w", amazonRDS, err)
	}
	for _, c := range all {
		if strings.HasPrefix(c.Subject.CommonName, "Amazon RDS "+region+" Root CA ") {
			return nil
		}
	}
	return fmt.Errorf("aws:region %s: %s lacks its authorities, so that no client could connect to the database: download the region's certificate bundle "+
		"(https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html) and set store-events:databaseCaFile to its path", region, amazonRDS)
}

func parse(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		if !c.IsCA {
			return nil, fmt.Errorf("certificate %d: %s is not an authority", len(all)+1, c.Subject)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	return all, nil
}
