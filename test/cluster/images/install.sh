#!/bin/sh
# Installs Debian's packages and keeps nothing that only apt needs.
set -eu
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc/* /usr/share/man/*
