#ifndef LIB_SINKS_H
#define LIB_SINKS_H

/*
 * sinks - how queue-send asks a spawner (deliver-spawn, relay-spawn) for a sink.
 *
 * Over one AF_UNIX SOCK_SEQPACKET pair, a packet a request and a packet an answer.
 * A request names the destination (for deliver-spawn the whole address
 * local@domain, for relay-spawn the domain). The answer brings a descriptor on
 * which the sink speaks the mail stream, or says why there is none. Answers may
 * come in any order: the serial number says to which request one belongs.
 */

#include <stddef.h>
#include <stdint.h>

#include "stream.h"

#define SINKS_NAME_MAX 1024 /* octets of a destination */

/*
 * sinks_ask - send one request. Returns 1, or 0 with errno (EAGAIN on a
 * non-blocking descriptor: try when it can be written).
 */
int sinks_ask(int fd, uint32_t serial, char const *name, size_t len);

/*
 * sinks_next_request - wait for a request: 1 and *serial, name[SINKS_NAME_MAX], *len;
 * 0 when the other end is gone; -1 with errno (EPROTO: a malformed packet, ignored
 * by the caller).
 */
int sinks_next_request(int fd, uint32_t *serial, char *name, size_t *len);

/*
 * sinks_answer - give the sink (code 'K'; sink stays the caller's to close), or
 * say why not ('Z', 'D' with sink -1, an enhanced status and a text).
 */
int sinks_answer(int fd, uint32_t serial, struct answer const *answer, int sink);

/*
 * sinks_next_answer - 1 and *serial, *answer, *sink (a new close-on-exec descriptor,
 * or -1); 0 when the spawner is gone; -1 with errno (EAGAIN: none now).
 */
int sinks_next_answer(int fd, uint32_t *serial, struct answer *answer, int *sink);

#endif
