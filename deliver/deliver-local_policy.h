#ifndef DELIVER_LOCAL_POLICY_H
#define DELIVER_LOCAL_POLICY_H

#include "sandbox.h"

extern struct sandbox_policy const deliver_local_policy;         /* one Maildir */
extern struct sandbox_policy const deliver_local_files_policy;   /* mboxes, quotas, Maildirs */
extern struct sandbox_policy const deliver_local_process_policy; /* and runner and queue-inject */

#endif
