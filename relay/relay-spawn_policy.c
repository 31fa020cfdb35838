/*
 * relay-spawn_policy - why there is no seccomp filter here
 *
 * A filter is inherited for good, and each relay, relay-connect and relay-tls closes one of
 * its own that is narrower than anything that could hold for all of them. relay-spawn has
 * given up root, all capabilities, every other group and, by NO_NEW_PRIVS, whatever a setuid
 * program could give it. It reads names of domains from queue-send, nothing else: no octet
 * from the network and none of a message.
 */

#include "sandbox.h"

SANDBOX_LIST(0);
