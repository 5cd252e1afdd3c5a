#!/bin/bash
# Sets up the NAT instance when it starts for the first time: it forwards only HTTPS from the
# app subnets, with its own address as the source.
set -euo pipefail

# dnf needs more memory than the instance's 0.5 GiB.
dd if=/dev/zero of=/swapfile bs=1M count=512 status=none
chmod 600 /swapfile
mkswap /swapfile
swapon /swapfile
echo '/swapfile none swap defaults 0 0' >>/etc/fstab

# The package is in S3. The public address may be assigned after the start.
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
