#ifndef DELIVER_LMTPSERVE_H
#define DELIVER_LMTPSERVE_H

/*
 * lmtpserve - the mail stream on descriptors 0 and 1 (mailstream(5)), each message of it to
 * an LMTP server. Does I/O: on the stream, and all that lmtp does. Requests are gathered until the
 * source waits for an answer.
 *
 * E has one answer for each recipient. A source that says what protocol its client speaks,
 * but no queue id, answers for all at once: it gets one recipient a message.
 */

#include "lmtp.h"

#define LMTPSERVE_KEEP 120 /* seconds without a request until the server hears from us */

/*
 * lmtpserve_prepare - before the sandbox closes. lmtpserve - until the source closes: 1; 0
 * when the stream is malformed or broken, with errno.
 */
void lmtpserve_prepare(void);
int lmtpserve(struct lmtp *l);

#endif
