#include "rest.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE        4096
#define STACK_PAGES 16 /* below this call, that are given back */

extern char const __ehdr_start[]; /* this program, as it is mapped: the linker says where */

static uintptr_t
page_of(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE - 1);
}

/* give_back - failing does no harm. */
static void
give_back(uintptr_t from, uintptr_t to)
{
	madvise((void *)page_of(from), to - page_of(from), MADV_DONTNEED);
}

void
rest_stack(void)
{
	uintptr_t const here = page_of((uintptr_t)__builtin_frame_address(0));

	give_back(here - STACK_PAGES * PAGE, here - PAGE);
}

void
rest(void)
{
	uintptr_t const base = (uintptr_t)__ehdr_start;
	ElfW(Ehdr) const *const header = (ElfW(Ehdr) const *)base;
	ElfW(Phdr) const *const part = (ElfW(Phdr) const *)(base + header->e_phoff);

	rest_stack();
	for (int i = header->e_phnum - 1; i >= 0; i--) /* the headers are in the first part */
		if (part[i].p_type == PT_LOAD && !(part[i].p_flags & PF_W))
			give_back(base + part[i].p_vaddr, base + part[i].p_vaddr + part[i].p_memsz);
}

int
rest_poll(struct pollfd *x, nfds_t count, int ms)
{
	if (ms == -1 || ms > REST_MS) {
		int const r = poll(x, count, REST_MS);

		if (r)
			return r;
		rest();
		if (ms != -1)
			ms -= REST_MS;
	}
	return poll(x, count, ms);
}
