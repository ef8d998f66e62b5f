#include "client/exit_status.h"

#include <stddef.h>

#include "client/words.h"

const struct exit_meaning exit_meanings[] = {
    {EXIT_DONE, N_("done; for a write: it is on the server's disk")},
    {EXIT_NEGATIVE, N_("a check is negative")},
    {EXIT_USAGE, N_("the command line is wrong")},
    {EXIT_REFUSED, N_("refused: the data are wrong, or a rule is against it")},
    {EXIT_NO_INPUT, N_("an input file cannot be read")},
    {EXIT_NOT_REACHED, N_("the server cannot be reached, or is busy")},
    {EXIT_DEFECT, N_("a defect in this program or in the server")},
    {EXIT_NO_OUTPUT, N_("the output cannot be written")},
    {EXIT_SPOOLED, N_("kept to be sent later, not yet acknowledged")},
    {EXIT_PROTOCOL, N_("what answers does not speak the protocol, or has not the pinned key")},
    {EXIT_NOT_PERMITTED, N_("not permitted, or not authenticated")},
    {EXIT_CONFIGURATION, N_("the configuration is wrong")},
    {EXIT_CONFLICT, N_("the revision has moved on: somebody else has changed it")},
    {EXIT_UNKNOWN, N_("outcome unknown: sent, and no answer came; sending it again with the same id is safe")},
    {EXIT_INTERRUPTED, N_("interrupted with Ctrl-C")},
    {EXIT_PIPE, N_("the reader of the output has gone, as with: thidua audit | head")},
    {0, NULL},
};
