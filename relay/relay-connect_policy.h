#ifndef RELAY_CONNECT_POLICY_H
#define RELAY_CONNECT_POLICY_H

/* relay-connect_policy - the descriptors that relay-connect's sandbox knows by number. */

#define CONNECT_HOSTS   6 /* the table of hosts.h */
#define CONNECT_STS_DIR 7 /* CONF_QUEUEDIR/sts */

#endif
