#ifndef QUEUE_WIRING_H
#define QUEUE_WIRING_H

/*
 * wiring - which process of the queue runs as whom, on which descriptors. The table is in
 * wiring.c; queue-start carries it out, queue-send relies on it.
 */

#define WIRING_DELIVER    3 /* queue-send's end of deliver-spawn's socket (lib/sinks.h) */
#define WIRING_RELAY      4 /* of relay-spawn's; closed if no relay is installed */
#define WIRING_INJECT     5 /* of queue-inject's mail stream */
#define WIRING_FIRST_FREE 6

/*
 * wiring_start - start every process of the table but queue-send, each as its user, our
 * ends of the sockets at the descriptors above. Does everything a root process must:
 * dies (EXIT_PERM, EXIT_TEMP) if one cannot be started.
 */
void wiring_start(void);

/* wiring_become - go on as queue-send, as its user. Does not return. */
_Noreturn void wiring_become(void);

#endif
