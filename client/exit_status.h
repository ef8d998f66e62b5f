// The exit statuses of CLI.md.
#ifndef THIDUA_CLIENT_EXIT_STATUS_H
#define THIDUA_CLIENT_EXIT_STATUS_H

enum exit_status {
    EXIT_DONE = 0,
    EXIT_NEGATIVE = 1,       // a check is negative
    EXIT_USAGE = 64,         // the command line
    EXIT_REFUSED = 65,       // bad data or a rule
    EXIT_NO_INPUT = 66,      // no input file
    EXIT_NOT_REACHED = 69,   // server not reachable, or busy
    EXIT_DEFECT = 70,        // of this program or of the server
    EXIT_NO_OUTPUT = 73,     // cannot write output
    EXIT_SPOOLED = 75,       // kept to be sent later
    EXIT_PROTOCOL = 76,      // not our protocol, or not the pinned key
    EXIT_NOT_PERMITTED = 77, // not permitted, not authenticated
    EXIT_CONFIGURATION = 78,
    EXIT_CONFLICT = 79, // the revision has moved on
    EXIT_UNKNOWN = 80,  // sent, no answer
    EXIT_INTERRUPTED = 130,
    EXIT_PIPE = 141, // the reader has gone: as of a program that SIGPIPE ends
};

struct exit_meaning {
    int exit_status;
    const char *meaning;
};

// All of them for people, in order; ends with one without a meaning.
extern const struct exit_meaning exit_meanings[];

#endif
