#!/bin/sh
# Runs redis-sentinel, on a copy of its configuration, since it keeps there what it learns.
until timeout 2 redis-cli -h redis-0.redis ping; do
  echo 'Waiting for server'
  sleep 1
done

cp /redis-config/sentinel.conf /redis-data/sentinel.conf
echo "sentinel announce-ip $HOSTNAME.redis" >>/redis-data/sentinel.conf
exec redis-sentinel /redis-data/sentinel.conf
