#include "proto/message.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "proto/frame.h"

enum { ON_STACK = 4096 }; // most requests are packed for hashing without asking for memory

static bool check_request(const Pb__Request *request, size_t size, struct problems *problems) {
    bool fine = message_validate(&request->base, problems);
    if (!fine)
        return false;
    if (request->body_case == PB__REQUEST__BODY__NOT_SET)
        return problem_plain(problems, REASON_NO_BODY);
    // A field said twice, text that ends at an embedded zero, a number in more bytes than it needs: all pack shorter.
    if (protobuf_c_message_get_packed_size(&request->base) != size)
        return problem_plain(problems, REASON_NOT_CANONICAL);
    return true;
}

const Pb__Request *message_unpack_request(struct arena *arena, const uint8_t *bytes, size_t size, uint64_t *id,
                                          struct problems *problems) {
    *id = 0;
    const Pb__Request *request = pb__request__unpack(arena_allocator(arena), size, bytes);
    if (!request) {
        if (arena_exhausted(arena))
            problem(problems, REASON_MESSAGE_TOO_LARGE, arg_number("limit", (int64_t)arena_budget(arena)));
        else
            problem_plain(problems, REASON_MESSAGE_BAD);
        return NULL;
    }
    *id = request->has_id ? request->id : 0;
    return check_request(request, size, problems) ? request : NULL;
}

Pb__Response *message_unpack_response(struct arena *arena, const uint8_t *bytes, size_t size) {
    return pb__response__unpack(arena_allocator(arena), size, bytes);
}

size_t message_frame_size(const ProtobufCMessage *message) {
    uint8_t prefix[FRAME_PREFIX_MAX];
    size_t body = protobuf_c_message_get_packed_size(message);
    return frame_prefix(prefix, body) + body;
}

size_t message_frame(const ProtobufCMessage *message, uint8_t *out) {
    size_t prefix = frame_prefix(out, protobuf_c_message_get_packed_size(message));
    return prefix + protobuf_c_message_pack(message, out + prefix);
}

bool message_hash(const ProtobufCMessage *message, uint8_t hash[DIGEST_SIZE]) {
    uint8_t room[ON_STACK];
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = size <= sizeof room ? room : malloc(size);
    if (!packed)
        return false;
    protobuf_c_message_pack(message, packed);
    bool done = EVP_Digest(packed, size, hash, NULL, EVP_sha256(), NULL) == 1;
    if (packed != room)
        free(packed);
    return done;
}

bool message_digest(const Pb__Request *request, uint8_t digest[DIGEST_SIZE]) {
    Pb__Request body = *request;
    body.has_id = false;
    body.has_submission = false;
    return message_hash(&body.base, digest);
}

const char *message_request_name(const Pb__Request *request) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&pb__request__descriptor, (unsigned)request->body_case);
    return field ? field->name : "none";
}
