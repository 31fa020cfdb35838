#ifndef LIB_CHAIN_H
#define LIB_CHAIN_H

/*
 * chain - start the next program of a pipeline and speak a mail stream with it.
 */

#include <sys/types.h>

#define CHAIN_FD      3   /* our end of the pair; policies name it */
#define CHAIN_TIMEOUT 900 /* seconds that the next program may take for one answer or read */

/*
 * chain_start - run argv[0] (argv ends with a null pointer) with the other end of
 * an AF_UNIX stream pair as its descriptors 0 and 1, and leave our end at CHAIN_FD,
 * close-on-exec; if CHAIN_FD is open already, it is closed. A name without a slash
 * is looked for in conf-files/bindir first, then in PATH. The signals that a program
 * here relies on (PIPE, ALRM, TERM, CHLD) are set back to their defaults for it and none is
 * blocked; it inherits descriptor 2, the environment, and nothing else that is not
 * close-on-exec. Returns its process id. Dies (EXIT_TEMP) if it cannot be started, and,
 * with the usage, if argv is empty.
 * chain_start_at - the same for a pair of another type (SOCK_SEQPACKET), our end at the
 * descriptor at (3 or higher).
 * chain_try_at - that for who must live on: -1 with errno, and the descriptor closed.
 */
pid_t chain_start(char const *const *argv);
pid_t chain_start_at(char const *const *argv, int type, int at);
pid_t chain_try_at(char const *const *argv, int type, int at);

/*
 * chain_exec - become the program, as a chain loader does that has nothing more to do. It inherits
 * what is not close-on-exec. Dies as chain_start does.
 */
_Noreturn void chain_exec(char const *const *argv);

/* chain_path - the file that chain_start would run for a name: into path[max]; 1, or 0 too long. */
int chain_path(char *path, size_t max, char const *name);

#endif
