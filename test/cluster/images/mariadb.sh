#!/bin/sh
# Makes the database where there is none yet, with root's password from the environment, and runs the server.
set -eu
if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
  password=${MARIADB_ROOT_PASSWORD:-$MYSQL_ROOT_PASSWORD}
  mariadb-install-db --datadir=/var/lib/mysql --skip-test-db >/dev/null
  cat >/tmp/first.sql <<sql
ALTER USER root@localhost IDENTIFIED BY '$password';
CREATE USER root@'%' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
sql
  set -- "$@" --init-file=/tmp/first.sql
fi
exec "$@" --skip-name-resolve
