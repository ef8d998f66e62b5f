// Messages: packing, unpacking within a budget, and the one validation. What has passed message_unpack_request is
// well-formed: every sub-message that must be there is there, text is UTF-8, NFC and without control characters,
// numbers are in their ranges, enums are known, lists are within their limits, and nothing unknown came along.
#ifndef THIDUA_PROTO_MESSAGE_H
#define THIDUA_PROTO_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/problems.h"
#include "proto/thidua.pb-c.h"

enum {
    MESSAGE_BUDGET_UNAUTHENTICATED = 64 * 1024, // memory of one unpacked request before authentication
    MESSAGE_BUDGET = 1024 * 1024,               // and after it
    MESSAGE_VERSION = 1,                        // of the protocol
    SUBMISSION_SIZE = 16,
    DIGEST_SIZE = 32,
    TOKEN_SIZE = 32,
    CODE_SIZE = 16,
    LEDGER_ID_SIZE = 16,
};

// The request in `bytes`, living in `arena`. NULL: `problems` says why; *id is the request's id if it could be read,
// else 0.
const Pb__Request *message_unpack_request(struct arena *arena, const uint8_t *bytes, size_t size, uint64_t *id,
                                          struct problems *problems);

// Checks one message of a request against the limits of its fields: what message_unpack_request does after
// unpacking. False: `problems` says which field. For a program that has built a message and wants to know early.
bool message_validate(const ProtobufCMessage *message, struct problems *problems);

// The server's answer in `bytes`, living in `arena`. NULL: not a response, or the arena's budget is too small.
Pb__Response *message_unpack_response(struct arena *arena, const uint8_t *bytes, size_t size);

// Bytes of the frame (prefix and body) that carries the message.
size_t message_frame_size(const ProtobufCMessage *message);

// Writes the frame; `out` has room for message_frame_size. Returns the bytes written.
size_t message_frame(const ProtobufCMessage *message, uint8_t *out);

// SHA-256 of the request's body, its id and submission id left out: what a submission id stands for. False: out of
// memory.
bool message_digest(const Pb__Request *request, uint8_t digest[DIGEST_SIZE]);

// SHA-256 of the packed message. False: out of memory.
bool message_hash(const ProtobufCMessage *message, uint8_t hash[DIGEST_SIZE]);

// The name of the request's body as the .proto has it ("score"), or "none".
const char *message_request_name(const Pb__Request *request);

#endif
