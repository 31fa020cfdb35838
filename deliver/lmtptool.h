#ifndef DELIVER_LMTPTOOL_H
#define DELIVER_LMTPTOOL_H

/*
 * lmtptool - one message to an LMTP server, as a program of a .qmail file gets it: the message on
 * descriptor 0, the envelope from the environment (dot-qmail(5)). Does I/O.
 */

#include "address.h"
#include "lmtp.h"

/*
 * lmtptool_address - an address as a shell puts it together, "$DEFAULT@$HOST": the
 * local-part gets its quotes where it needs them. 1, or 0 if it is none.
 */
int lmtptool_address(struct address *a, char const *text);

/*
 * lmtptool_open - find out what descriptor 0 is, before the sandbox closes. lmtptool_run -
 * send it, and write status and text to descriptor 1: the exit code.
 */
void lmtptool_open(void);
int lmtptool_run(struct lmtp *l, char const *sender, char const *recipient);

#endif
