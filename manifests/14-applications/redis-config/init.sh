#!/bin/sh
# Runs redis-server, on a copy of its configuration, since Redis writes a change of master into it.
me=$HOSTNAME.redis

# The master that the other pods' sentinels know; nothing while there are none.
known_master() {
  for pod in redis-0 redis-1 redis-2; do
    [ $pod = "$HOSTNAME" ] ||
      timeout 2 redis-cli -h $pod.redis -p 26379 sentinel get-master-addr-by-name redis 2>/dev/null
  done | grep '\.redis$' | head -n 1
}

# A master that comes back as one would be empty, and empty its replicas too: it waits until another is chosen.
tries=0
while master=$(known_master) && [ "$master" = "$me" ] && [ $tries -lt 100 ]; do
  echo 'Waiting for the sentinels to choose another master'
  tries=$((tries + 1))
  sleep 2
done

if [ "${master:-redis-0.redis}" = "$me" ]; then
  cp /redis-config/master.conf /redis-data/redis.conf
else
  sed "s/redis-0.redis/${master:-redis-0.redis}/" /redis-config/slave.conf >/redis-data/redis.conf
fi
echo "replica-announce-ip $me" >>/redis-data/redis.conf
exec redis-server /redis-data/redis.conf
