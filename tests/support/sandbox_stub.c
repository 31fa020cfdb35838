/*
 * Sanitizer builds link this in the place of lib/sandbox.c: their runtime opens files and
 * maps terabytes, which no policy allows. Nothing that is installed contains it.
 */

#include "sandbox.h"

char const *__asan_default_options(void);

/* Also for programs that begin by clearing their environment: a search for leaks starts a thread.
 */
char const *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

void
sandbox_enter(struct sandbox_policy const *policy, struct sandbox_tree const *trees, size_t count)
{
	(void)policy;
	(void)trees;
	(void)count;
}

void
sandbox_enter_ports(struct sandbox_policy const *policy, struct sandbox_tree const *trees,
    size_t count, uint16_t const *ports, size_t nports)
{
	sandbox_enter(policy, trees, count);
	(void)ports;
	(void)nports;
}
