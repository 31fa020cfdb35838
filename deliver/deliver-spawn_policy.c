/*
 * deliver-spawn_policy - why there is no seccomp filter here
 *
 * A filter, NO_NEW_PRIVS and Landlock are all inherited for good, and what deliver-spawn
 * forks becomes the recipient and runs the recipient's own programs, which may be anything:
 * a setuid queue-inject to begin with. So whatever deliver-spawn gave up, they would
 * miss. What it gives up instead is in deliver-spawn.c: all capabilities but
 * SETUID and SETGID. With these it cannot even read a file that root alone may
 * read by being root (DAC_OVERRIDE), and it never reads a message. Each process that it
 * forks closes a sandbox of its own (deliver-local_policy.c) before it reads one.
 */

#include "sandbox.h"

SANDBOX_LIST(0);
