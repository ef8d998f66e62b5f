#include "server/ledger/event.h"
#include "tests/unit/judgement_events.h"

// The name is the one that the contract gives the event, in every row of the table.
static void every_event_has_the_name_of_its_field(void **in) {
    const ProtobufCMessageDescriptor *descriptor = &pb__event__descriptor;
    (void)in;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        Pb__Event event = PB__EVENT__INIT;
        event.body_case = (Pb__Event__BodyCase)descriptor->fields[i].id;
        assert_string_equal(event_name(&event), descriptor->fields[i].name);
    }
    Pb__Event event = PB__EVENT__INIT;
    assert_string_equal(event_name(&event), "unknown");
    event.body_case = (Pb__Event__BodyCase)4; // a gap
    assert_string_equal(event_name(&event), "unknown");
    event.body_case = (Pb__Event__BodyCase)9999;
    assert_string_equal(event_name(&event), "unknown");
    assert_int_equal(event_unit(&event), 0);
    assert_null(event_after(&event, 1));
    assert_false(event_concerns(&event, 1));
}

static size_t place_of(const ProtobufCMessageDescriptor *body, const char *name) {
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(body, name);
    return field ? field->offset : 0;
}

// Whatever body has the fields `period`, `unit` and `after` is read by them: a new event cannot be forgotten.
static void unit_and_sheet_are_read_wherever_they_stand(void **in) {
    const ProtobufCMessageDescriptor *descriptor = &pb__event__descriptor;
    (void)in;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCMessageDescriptor *about = descriptor->fields[i].descriptor;
        size_t period = place_of(about, "period"), unit = place_of(about, "unit"), after = place_of(about, "after");
        Pb__Event event = PB__EVENT__INIT;
        Pb__SheetAfter sheet = PB__SHEET_AFTER__INIT;
        const Pb__SheetAfter *place = &sheet;
        const uint32_t seven = 7, five = 5;
        char *body = calloc(1, about->sizeof_message);
        assert_non_null(body);
        protobuf_c_message_init(about, body);
        event.body_case = (Pb__Event__BodyCase)descriptor->fields[i].id;
        event.noted = (Pb__Noted *)(void *)body;
        if (period)
            memcpy(body + period, &five, sizeof five);
        if (unit)
            memcpy(body + unit, &seven, sizeof seven);
        if (after)
            memcpy(body + after, &place, sizeof place);
        assert_int_equal(event_period(&event), period ? 5 : 0);
        assert_int_equal(event_unit(&event), unit ? 7 : 0);
        assert_int_equal(event_concerns(&event, 7), unit != 0);
        assert_false(event_concerns(&event, 8) || event_concerns(&event, 0));
        assert_ptr_equal(event_after(&event, 7), after ? &sheet : NULL);
        assert_null(event_after(&event, 8));
        assert_null(event_after(&event, 0));
        free(body);
    }
}

static void some_events_are_about_several_units(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    Pb__Event event = sheets_finalized(world, 1, 2, (const uint32_t[]){2, 1});
    assert_int_equal(event_unit(&event), 0);
    assert_true(event_concerns(&event, 1) && event_concerns(&event, 2));
    assert_false(event_concerns(&event, 3) || event_concerns(&event, 0));
    assert_ptr_equal(event_after(&event, 1), event.sheets_finalized->sheets[1]->after);
    assert_ptr_equal(event_after(&event, 2), event.sheets_finalized->sheets[0]->after);
    assert_null(event_after(&event, 3));
    event = period_defined(world, 1);
    event.period_defined->n_voided = 1;
    event.period_defined->voided = (uint32_t[]){5};
    assert_true(event_concerns(&event, 1) && event_concerns(&event, 2) && event_concerns(&event, 5));
    assert_false(event_concerns(&event, 3) || event_concerns(&event, 0));
    assert_null(event_after(&event, 1));
}

static void the_periods_deadline_is_no_units(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    Pb__Event event = deadline_passed(world, 1);
    assert_false(event_concerns(&event, 1) || event_concerns(&event, 0));
    assert_null(event_after(&event, 0));
    applied(world, unit_extended(world, 1, 2, 5000));
    event = unit_deadline_passed(world, 1, 2);
    assert_true(event_concerns(&event, 2));
    assert_ptr_equal(event_after(&event, 2), event.deadline_passed->after);
    ledger_abort(world->ledger);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_has_the_name_of_its_field),
        cmocka_unit_test(unit_and_sheet_are_read_wherever_they_stand),
        T(some_events_are_about_several_units),
        T(the_periods_deadline_is_no_units),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
