#!/bin/sh
# Makes the queue "keygen" and puts 100 items into it, through "kubectl port-forward" on localhost:8080 or the address that is given.
set -eu
queue=http://${1:-localhost:8080}/memq/server/queues/keygen

# Where it is there already, that is said, and the items are added to it.
curl --silent --show-error -X PUT "$queue"

item=0
while [ $item -lt 100 ]; do
  curl --fail --silent --show-error -X POST "$queue/enqueue" -d "work-item-$item"
  item=$((item + 1))
done
