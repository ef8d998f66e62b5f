// Every verb of the program. What is accepted, the help, the manual and the completion come from this one table.
#ifndef THIDUA_CLIENT_VERBS_H
#define THIDUA_CLIENT_VERBS_H

#include "client/client.h"

extern const struct verb verbs[]; // ends with one without a name

// Each returns an exit status, after saying what is to be said.
int run_ping(struct client *client);
int run_whoami(struct client *client);
int run_version(struct client *client);
int run_help(struct client *client);
int run_completion(struct client *client);
int run_enrol(struct client *client);
int run_period_load(struct client *client);
int run_period_list(struct client *client);
int run_period_show(struct client *client);
int run_period_advance(struct client *client);
int run_period_extend(struct client *client);
int run_sign(struct client *client);
int run_score(struct client *client);
int run_import(struct client *client);
int run_submit(struct client *client);
int run_sheet(struct client *client);
int run_history(struct client *client);
int run_appraise(struct client *client);
int run_bonus(struct client *client);
int run_deduct(struct client *client);
int run_return(struct client *client);
int run_explain(struct client *client);
int run_finalize(struct client *client);
int run_hold(struct client *client);
int run_nominate(struct client *client);
int run_totals(struct client *client);
int run_status(struct client *client);
int run_export(struct client *client);
int run_audit(struct client *client);
int run_receipt_verify(struct client *client);
int run_spool_list(struct client *client);
int run_spool_flush(struct client *client);
int run_spool_drop(struct client *client);
int run_admin_invite(struct client *client);
int run_admin_rotate(struct client *client);
int run_admin_accounts(struct client *client);
int run_admin_revoke(struct client *client);
int run_admin_stats(struct client *client);
int run_admin_backup(struct client *client);

#endif
