#ifndef SMTPD_EVENTS_H
#define SMTPD_EVENTS_H

/*
 * events - what smtpd logs of a connection, one line each. Does I/O: lib/log writes.
 */

#include <stddef.h>
#include <stdint.h>

#include "client.h"
#include "session.h"

/* event=connect */
void events_connect(char const *id, struct client const *c);

/* event=tls: what STARTTLS came to; why is null, or says why there is no TLS. */
void events_tls(char const *id, struct client const *c, char const *why);

/* event=auth: who authenticated. What failed is smtpd-auth's to say. */
void events_auth(char const *id, struct client const *c, char const *user);

/* event=early: the client sent something where it must wait; when says where. */
void events_early(char const *id, char const *when);

/* event=refuse: a reply of 4yz or 5yz, of len octets with its CR LF. */
void events_refuse(char const *id, struct session const *s, char const *reply, size_t len);

/* event=accept: the next program took a message of rcpts recipients, and said answer. */
void events_accept(
    char const *id, struct session const *s, size_t rcpts, uint64_t size, char const *answer);

/* event=disconnect: why, and how many messages and refusals there were. */
void events_disconnect(char const *id, char const *why, uint64_t accepted, uint64_t refused);

#endif
