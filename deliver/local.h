#ifndef DELIVER_LOCAL_H
#define DELIVER_LOCAL_H

/*
 * local - be the sink of one recipient: deliver-local(8), whether as a program or in
 * a process that deliver-spawn forked. The caller has become the recipient already.
 */

#include "address.h"
#include "preferences.h"
#include "recipient.h"

/*
 * local_serve - find the recipient's instructions, open what they need, start what they
 * need, close the sandbox around that, and serve the mail stream on descriptors
 * 0 and 1. Returns an exit code. Nothing else that is open may be worth anything.
 */
int local_serve(struct recipient const *r, struct address const *a, struct preferences const *s);

/* local_show - write to descriptor 1 what local_serve would do with a message; an exit code. */
int local_show(struct recipient const *r, struct preferences const *s);

#endif
