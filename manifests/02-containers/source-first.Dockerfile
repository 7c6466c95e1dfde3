# The order that costs: what seldom changes, 5 MB of packages, comes after server.js, and has to be made and pushed anew with it.
FROM kuard-amd64:1
USER 0
COPY server.js /srv/
RUN head -c 5000000 /dev/urandom > /srv/packages
USER 65534
