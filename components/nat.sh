#!/bin/bash
# First start of the NAT instance: it forwards HTTPS of the app subnets under its own
# address, and nothing else.
set -euo pipefail

# dnf needs more memory than the half GiB that the instance has.
dd if=/dev/zero of=/swapfile bs=1M count=512 status=none
chmod 600 /swapfile
mkswap /swapfile
swapon /swapfile
echo '/swapfile none swap defaults 0 0' >>/etc/fstab

# The package comes by HTTPS from S3; the address may take a moment.
for try in 1 2 3 4 5 6; do
  if dnf install -y nftables; then break; fi
  sleep $((try * 5))
done

echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/90-nat.conf
sysctl -p /etc/sysctl.d/90-nat.conf
cat >/etc/sysconfig/nftables.conf <<'RULES'
flush ruleset
table ip store_events {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr { @APP@ } tcp dport 443 accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr { @APP@ } masquerade
  }
}
RULES
systemctl enable --now nftables
