#ifndef DELIVER_MAILDIR_POLICY_H
#define DELIVER_MAILDIR_POLICY_H

#include "sandbox.h"

extern struct sandbox_policy const deliver_maildir_policy;       /* nameless files, and no more */
extern struct sandbox_policy const deliver_maildir_files_policy; /* quota, tmp/ */

#endif
