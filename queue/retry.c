#include "retry.h"

#define PAUSE_UNIT 30
#define PAUSE_MAX  3600

/* root - the largest r with r * r <= n. */
static uint64_t
root(uint64_t n)
{
	uint64_t r = 0;

	for (uint64_t bit = 1ULL << 31; bit; bit >>= 1)
		if ((r + bit) * (r + bit) <= n)
			r += bit;
	return r;
}

static uint64_t
jitter(uint64_t pause, uint32_t random)
{
	return pause + pause * RETRY_JITTER / 100 * (random % 1024) / 1024;
}

uint64_t
retry_next(uint64_t birth, uint64_t now, unsigned int attempts, unsigned int skip, uint64_t end,
    uint32_t random)
{
	uint64_t const age = now > birth ? now - birth : 0;
	uint64_t const step = root(age) + skip;
	uint64_t const by_age = step * step - age;
	uint64_t const unit = (uint64_t)skip * skip;
	uint64_t const by_attempts = attempts ? unit * (2ULL * attempts - 1) : unit;
	uint64_t const next = now + jitter(by_age < by_attempts ? by_age : by_attempts, random);

	return now < end && next > end ? end : next;
}

uint64_t
retry_pause(unsigned int failures, uint32_t random)
{
	uint64_t pause = PAUSE_MAX;

	if (failures < 11)
		pause = (uint64_t)PAUSE_UNIT * failures * failures;
	return jitter(pause > PAUSE_MAX ? PAUSE_MAX : pause, random);
}
