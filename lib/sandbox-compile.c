/*
 * sandbox-compile - a build tool: print the BPF filters of one policy file as C.
 * It is linked with that file, and with libseccomp, which no installed program needs.
 */

#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include "sandbox.h"

static scmp_filter_ctx
filter_of(struct sandbox_policy const *policy)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = filter ? 0 : -1;

	if (!r)
		r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	for (size_t i = 0; !r && i < policy->rules; i++) {
		struct sandbox_rule const *rule = &policy->rule[i];

		r = seccomp_rule_add_array(
		    filter, SCMP_ACT_ALLOW, rule->call, rule->nargs, rule->arg);
		if (r)
			errx(1, "%s: rule %zu: %d", policy->name, i, r);
	}
	if (r)
		errx(1, "%s: libseccomp refuses: %d", policy->name, r);
	return filter;
}

static void
print_filter(struct sandbox_policy const *policy)
{
	scmp_filter_ctx filter = filter_of(policy);
	FILE *bpf = tmpfile();
	struct sock_filter step;

	if (!bpf || seccomp_export_bpf(filter, fileno(bpf)))
		errx(1, "%s: cannot export the filter", policy->name);
	rewind(bpf);
	printf("static struct sock_filter const %s_code[] = {\n", policy->name);
	while (fread(&step, sizeof step, 1, bpf) == 1)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", step.code, step.jt, step.jf, step.k);
	printf("};\nstruct sandbox_filter const %s_filter = {\n"
	       "\t%s_code, sizeof %s_code / sizeof *%s_code\n};\n",
	    policy->name, policy->name, policy->name, policy->name);
	fclose(bpf);
	seccomp_release(filter);
}

int
main(void)
{
	puts("#include \"sandbox.h\"");
	for (size_t i = 0; sandbox_policies[i]; i++) {
		printf(
		    "extern struct sandbox_filter const %s_filter;\n", sandbox_policies[i]->name);
		print_filter(sandbox_policies[i]);
	}
	return 0;
}
