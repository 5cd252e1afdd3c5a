#!/bin/bash
# Sets up the consumer when it starts for the first time: installs a MySQL client and the
# query script, and checks them with a query. The packages are in S3, which the VPC's
# gateway endpoint reaches.
set -euo pipefail
fail() {
  echo "store-events: $*" >&2 # In /var/log/cloud-init-output.log and the instance's console output.
  exit 1
}

# MySQL 8.4 authenticates by caching_sha2_password, which MariaDB's client loads
# from the plugins of its connector.
for try in 1 2 3 4 5 6; do
  if dnf install -y mariadb105 mariadb-connector-c; then break; fi
  sleep $((try * 5))
done
rpm -q mariadb105 mariadb-connector-c >/dev/null ||
  fail "the MySQL client could not be installed; dnf's errors are above"
# Not grep -q, which ends at the first match: rpm would fail on the closed pipe.
rpm -ql mariadb-connector-c | grep '/plugin/caching_sha2_password\.so$' >/dev/null ||
  fail "mariadb-connector-c has no plugin caching_sha2_password: the client cannot log in"

cat >/usr/local/bin/store-events-sql <<'HELPER'
#!/bin/bash
# Reads SQL from standard input and prints tab-separated rows with a header. Each call
# reads the credentials from their secret. They are never on a disk, in an argument or
# in the environment. With --quick the client prints rows as they arrive. By default it
# keeps all rows in memory first.
set -euo pipefail
umask 077
login=$(aws secretsmanager get-secret-value --region '@REGION@' --secret-id '@SECRET_ARN@' --query SecretString --output text)
field() { printf %s "$login" | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
# An existing user's password may have characters that option files interpret.
quoted() { field "$1" | sed 's/[\\"]/\\&/g'; }
folder=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$folder"' EXIT
options=$folder/options authorities=$folder/authorities.pem
aws s3 cp --region '@REGION@' --only-show-errors '@AUTHORITIES@' "$authorities"
printf '[client]\nhost="%s"\nport=%s\nuser="%s"\npassword="%s"\nssl-ca="%s"\nssl-verify-server-cert\n' \
  "$(quoted host)" "$(field port)" "$(quoted username)" "$(quoted password)" "$authorities" >"$options"
mysql --defaults-extra-file="$options" --batch --quick --default-character-set=utf8mb4 "$(field dbname)"
HELPER
chmod 755 /usr/local/bin/store-events-sql

# The database user exists already. The credentials of the instance may be available later.
for try in 1 2 3 4 5 6; do
  if echo 'select 1' | /usr/local/bin/store-events-sql >/dev/null; then
    echo "store-events: the consumer can log in to the database"
    exit 0
  fi
  sleep $((try * 5))
done
fail "the consumer cannot log in to the database; see the errors above"
