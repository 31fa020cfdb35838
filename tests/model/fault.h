/* Which fault the search has built in: FAULT of the environment, a number of faults.pml. */

#include <stdlib.h>

static int
fault_wanted(void)
{
	char const *const number = getenv("FAULT");

	return number ? atoi(number) : 0;
}
