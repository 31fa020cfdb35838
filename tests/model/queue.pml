/*
 * queue - from a client's message to a Maildir or a report, with crashes anywhere; see README.
 *
 * Configured by the runner:
 *   U  messages of clients            R  recipients of each (1 or 2)
 *   B  reports there can be           SINKS  delivery agents (1 or 2)
 *   CRASHES   kills and power cuts    TROUBLE  deliveries that are deferred
 *   PATIENCE  sinks that are too slow REFUSALS  1: a delivery can fail for good
 */

#define M (U + B)
#define X (M * R)

/* A fault that is built in, to see that it is found; chosen when pan starts. */
byte fault;
#define FAULT(what) (fault == fault_ ## what)
#include "faults.pml"

byte crashes = CRASHES; /* that may still come */
byte sender; /* the process number of queue-send */

#include "disk.pml"
#include "inject.pml"
#include "deliver.pml"
#include "send.pml"

/* one_less - one crash of those that may come. */
inline one_less()
{
	crashes = crashes - 1;
	if
	:: !crashes -> forget_disk()
	:: else
	fi
}

/* kill_injector - if it was queue-send's own, that begins anew. */
inline kill_injector(k)
{
	one_less();
	for (h : 0 .. R - 1) {
		hx = whose[k] * R + h;
		if
		:: k >= U && (about[k] >> h & 1) && post == k + 1 && name[k] != ABSENT ->
			may_rebounce[hx] = may_rebounce[hx] + !FAULT(dead_injector_repeats_nothing);
			ever[hx] = 1
		:: k >= U && (about[k] >> h & 1) && post != k + 1 && name[k] == ABSENT ->
			may_rebounce[hx] = may_rebounce[hx] - (may_rebounce[hx] > 0)
		:: else
		fi
	}
	inject[k] = KILLED
}

inline kill_sink(k)
{
	one_less();
	hx = sink_for[k];
	if
	:: !orphan[k] && sink[k] != BUSY ->
		may_repeat[hx] = may_repeat[hx] + !FAULT(dead_sink_repeats_nothing);
		ever[hx] = 1
	:: orphan[k] && sink[k] == BUSY -> may_repeat[hx] = may_repeat[hx] - (may_repeat[hx] > 0)
	:: else
	fi;
	reply(k, ENDED)
}

/* cut_power - all processes end, and what the disk had is what there is. */
inline cut_power()
{
	d_step { excuse_power(); kx = 0 }
	for (k : 0 .. M - 1) {
		lose_name();
		lose_notes();
		lose_copies();
		skip;
		d_step { see_disk(); kx = 0 }
	}
	k = 0;
	d_step {
		for (h : 0 .. M - 1) {
			inject[h] = (AT_WORK(h) -> KILLED : inject[h])
		}
		for (h : 0 .. SINKS - 1) {
			sink[h] = FREE;
			sink_for[h] = 0;
			orphan[h] = 0
		}
		for (hx : 0 .. X - 1) {
			bounces[hx] = 0
		}
		for (hb : U .. M - 1) {
			for (h : 0 .. R - 1) {
				hx = whose[hb] * R + h;
				bounces[hx] = bounces[hx] +
					(name[hb] != ABSENT && (about[hb] >> h & 1))
			}
		}
		fifo = 0;
		killed = 1
	}
}

proctype crash()
{
	byte k, kx;

endcrash:
	do
	:: d_step { crashes && !killed -> excuse_kill(); killed = 1; one_less() }
	:: d_step { crashes && !killed -> broken = 1; one_less() } /* deliver-spawn ended */
	:: d_step { crashes && !killed && !stopping -> term = 1; one_less() }
	:: atomic { crashes && !killed -> cut_power(); d_step { one_less() } }
	:: d_step { crashes && AT_WORK(0) -> kill_injector(0) }
#if M > 1
	:: d_step { crashes && AT_WORK(1) -> kill_injector(1) }
#endif
#if M > 2
	:: d_step { crashes && AT_WORK(2) -> kill_injector(2) }
#endif
#if M > 3
	:: d_step { crashes && AT_WORK(3) -> kill_injector(3) }
#endif
#if M > 4
	:: d_step { crashes && AT_WORK(4) -> kill_injector(4) }
#endif
	:: d_step { crashes && IS_SLOW(0) -> kill_sink(0) }
#if SINKS > 1
	:: d_step { crashes && IS_SLOW(1) -> kill_sink(1) }
#endif
	od
}

/* --- what must hold when all has come to rest --- */

inline check_rest()
{
	for (h : 0 .. M - 1) {
		assert(name[h] != LINKED); /* mail that nobody looks after */
		assert(!state[h])          /* litter */
	}
	for (h : 0 .. U * R - 1) {
		hb = copies[h] > 0;
		for (hx : U .. M - 1) {
			hb = hb || (whose[hx] == h / R && (about[hx] >> (h % R) & 1) && copies[hx * R])
		}
		assert(hb || inject[h / R] != ANSWERED) /* acknowledged mail that is lost */
	}
}

/* Nothing is under way, and nothing will come by itself. */
#define AT_REST \
	(!killed && !stopping && !SOME(AT_WORK) && !SOME_SINK(IS_SLOW) && \
	    !SOME_SINK(IS_ANSWERING) && queue_send[sender]@endwait && POLLS && !HAS_WORK && !post && \
	    !scanning && !fifo && !SOME(IS_PUT_OFF) && !SOME(FORGOTTEN))

proctype rest()
{
progress_rest:
	do
	:: atomic { AT_REST -> d_step { check_rest(); skip } }
	od
}

init
{
	atomic {
		c_code { now.fault = fault_wanted(); };
		trouble = TROUBLE;
		patience = PATIENCE;
		if
		:: disk = ORDERED
		:: disk = ANYWHERE
		fi;
		for (h : 0 .. M - 1) {
			run queue_inject(h);
		}
		for (h : 0 .. SINKS - 1) {
			run deliver_local(h);
		}
		for (h : 0 .. U - 1) {
			inject[h] = BEGUN
		}
		sender = run queue_send();
		run crash();
		run rest()
	}
}
