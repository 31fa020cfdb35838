/*
 * deliver-spawn_policy - why there is no seccomp filter here
 *
 * A filter, NO_NEW_PRIVS and Landlock are all inherited for good, and what deliver-spawn
 * forks becomes the recipient and runs the recipient's own programs, which may be anything:
 * a setuid queue-inject to begin with. So whatever deliver-spawn gave up, they would
 * miss. What it gives up instead is in deliver-spawn.c: all capabilities but SETUID and
 * SETGID, so that a slip of its own does less. Taken over, it is root all the same:
 * an exec gives uid 0 its capabilities back.
 */

#include "sandbox.h"

SANDBOX_LIST(0);
