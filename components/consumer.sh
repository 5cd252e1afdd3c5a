#!/bin/bash
# First start of the consumer: a MySQL client, the query helper, and one login to
# see that both work. The packages come from S3, through the VPC's gateway endpoint.
set -euo pipefail
fail() {
  echo "store-events: $*" >&2 # In /var/log/cloud-init-output.log and the instance's console output.
  exit 1
}

# MySQL 8.4 authenticates by caching_sha2_password, which MariaDB's client loads
# from the plug-ins of its connector.
for try in 1 2 3 4 5 6; do
  if dnf install -y mariadb105 mariadb-connector-c; then break; fi
  sleep $((try * 5))
done
rpm -q mariadb105 mariadb-connector-c >/dev/null ||
  fail "the MySQL client could not be installed; dnf's errors are above"
# grep reads all of the list: rpm would fail if it left before the end.
rpm -ql mariadb-connector-c | grep '/plugin/caching_sha2_password\.so$' >/dev/null ||
  fail "mariadb-connector-c has no plug-in caching_sha2_password: the client cannot log in"

cat >/usr/local/bin/store-events-sql <<'HELPER'
#!/bin/bash
# Reads SQL from standard input and prints tab-separated rows with a header. The
# login is read from its secret at each call and never reaches a disk, an
# argument or the environment. The client prints rows as they arrive (--quick): it
# would keep all of them in memory first.
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
mysql --defaults-extra-file="$options" --batch --quick --default-character-set=utf8mb4 "$(field dbname)"
HELPER
chmod 755 /usr/local/bin/store-events-sql

# The user exists by now; the instance's credentials may take a moment.
for try in 1 2 3 4 5 6; do
  if echo 'select 1' | /usr/local/bin/store-events-sql >/dev/null; then
    echo "store-events: the login of the consumer works"
    exit 0
  fi
  sleep $((try * 5))
done
fail "the login of the consumer does not work; the errors above say why"
