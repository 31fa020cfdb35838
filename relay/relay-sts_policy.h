#ifndef RELAY_STS_POLICY_H
#define RELAY_STS_POLICY_H

/* relay-sts_policy - the descriptors that relay-sts's sandbox knows by number, and its limits. */

#define STS_REQUESTS 0  /* relay-connects ask here */
#define STS_STARTER  3  /* to the process that starts those that fetch, and its own end */
#define STS_DIR      4  /* CONF_QUEUEDIR/sts */
#define STS_FETCHES  32 /* at once */
#define STS_WAITERS  16 /* who wait for one; more go on without */

#endif
