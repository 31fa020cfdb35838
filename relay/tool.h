#ifndef RELAY_TOOL_H
#define RELAY_TOOL_H

/*
 * tool - one message from descriptor 0 to the recipients of a command line, with a report
 * on descriptor 1. Does I/O: reads the message, writes the report, and all that transaction
 * does.
 */

#include "transaction.h"

/* tool_open - look at descriptor 0 while that is still allowed; dies (EXIT_TEMP). */
void tool_open(void);

/* tool_run - try to send it: words are sender and recipients, and a null pointer. */
void tool_run(struct transaction *t, char const *const *words);

/*
 * tool_report - a line for each recipient, "K bob@hamburger.edu 2.0.0 text"; returns the
 * exit code: EXIT_DONE all are K, EXIT_PERM some are D, EXIT_TEMP some are Z.
 * tool_report_qmail - as qmail-remote reports: r, h or s for each recipient, then K, Z or D,
 * each ended by NUL.
 */
int tool_report(struct transaction const *t, char const *const *words);
void tool_report_qmail(struct transaction const *t);

#endif
