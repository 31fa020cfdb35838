/* assignment - a line gives a key and data that assign_find's format allows, or a reason. */

#include <string.h>

#include "../fuzz.h"
#include "assignment.h"

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct assignment a;
	size_t nuls = 0;

	must(assignment_parse(&a, (char const *)data, size));
	if (a.kind == ASSIGNMENT_BAD)
		must(a.error);
	if (a.kind != ASSIGNMENT_EXACT && a.kind != ASSIGNMENT_WILDCARD)
		return 0;
	must(a.key.len && *a.key.s == '!');
	must(!memchr(a.key.s, 0, a.key.len) == (a.kind == ASSIGNMENT_WILDCARD));
	for (size_t i = 0; i < a.data.len; i++)
		nuls += !a.data.s[i];
	must(nuls == 5);
	return 0;
}
