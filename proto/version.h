// The version of the programs, as they tell it.
#ifndef THIDUA_PROTO_VERSION_H
#define THIDUA_PROTO_VERSION_H

#define THIDUA_VERSION "0.1.0"

#endif
