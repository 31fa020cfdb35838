/* By number: pan takes one from its environment. run says which round finds which. */
#define fault_none 0

/* What the programs could do wrong. */
#define fault_answer_before_sync         1 /* queue-inject: K, then fsync */
#define fault_link_before_data           2 /* a name for what is not on the disk yet */
#define fault_trust_any_disk             3 /* the short way to sync on a disk that keeps no order */
#define fault_wake_before_link           4 /* the trigger, then the name */
#define fault_scan_before_trigger        5 /* queue-send: the scan, then the trigger is opened */
#define fault_ignore_full                6 /* no scan when the trigger was full */
#define fault_full_lets_scan_go_on       7 /* none, either, while one runs */
#define fault_take_any_id                8 /* an id that is known begins a second pass */
#define fault_trigger_means_new          9 /* what the trigger brings has no state file */
#define fault_remove_any_state          10 /* litter, without a look at mess/ */
#define fault_sink_answers_before_sync  11 /* the Maildir: K, then fsync */
#define fault_note_before_answer        12 /* "delivered", before it is */
#define fault_note_nothing              13 /* no note while others wait */
#define fault_rewrite_state_in_place    14 /* no new file and rename */
#define fault_remove_state_first        15 /* the state file, then the message */
#define fault_remove_before_report      16 /* the message, then the report about it */
#define fault_report_is_sent_when_posted 17 /* without waiting for queue-inject's answer */
#define fault_deaf_when_broken          18 /* no ear for that answer when something else ended */

/* What would be too good to be true: the search must find the second copy that each denies. */
#define fault_kill_repeats_no_delivery      19
#define fault_kill_repeats_no_report        20
#define fault_dead_sink_repeats_nothing     21
#define fault_dead_injector_repeats_nothing 22
#define fault_late_answer_repeats_nothing   23
#define fault_power_cut_repeats_no_delivery 24
#define fault_power_cut_repeats_no_report   25
