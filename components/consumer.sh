#!/bin/bash
# First start of the consumer: a MySQL client and the query helper. The package
# comes from S3, through the VPC's gateway endpoint.
set -euo pipefail
dnf install -y mariadb105

cat >/usr/local/bin/store-events-sql <<'HELPER'
#!/bin/bash
# Reads SQL from standard input and prints tab-separated rows with a header. The
# login is read from its secret at each call and never reaches a disk, an
# argument or the environment.
set -euo pipefail
umask 077
login=$(aws secretsmanager get-secret-value --region '@REGION@' --secret-id '@SECRET_ARN@' --query SecretString --output text)
field() { printf %s "$login" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
folder=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$folder"' EXIT
options=$folder/options authorities=$folder/authorities.pem
aws s3 cp --region '@REGION@' --only-show-errors '@AUTHORITIES@' "$authorities"
printf '[client]\nhost="%s"\nport=%s\nuser="%s"\npassword="%s"\nssl-ca="%s"\nssl-verify-server-cert\n' \
  "$(field host)" "$(field port)" "$(field username)" "$(field password)" "$authorities" >"$options"
mysql --defaults-extra-file="$options" --batch --default-character-set=utf8mb4 "$(field dbname)"
HELPER
chmod 755 /usr/local/bin/store-events-sql
