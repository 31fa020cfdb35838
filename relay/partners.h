#ifndef RELAY_PARTNERS_H
#define RELAY_PARTNERS_H

/*
 * partners - start relay-connect and relay-tls, each at its descriptor of hop.h. Does I/O:
 * it makes processes, before the sandbox closes.
 */

/*
 * partners_start - argv is relay-connect's (argv[0] is its name). It inherits RELAY_STS if
 * that is relay-sts's socket; nobody else keeps it. Dies if one cannot be started.
 */
void partners_start(char const *const *argv);

#endif
