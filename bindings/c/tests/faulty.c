/* Faults on purpose, one by its name: where they are not reported, the sanitizers that should report them are off. */

#include "check.h"

int main(int count, char **arguments) {
    const char *fault = count > 1 ? arguments[1] : "";
    cpc_engine *engine = new_engine();
    if (strcmp(fault, "leak") == 0) {
        volatile char *lost = malloc(100);
        lost[0] = 1;
        lost = NULL;
    }
    if (strcmp(fault, "use-after-free") == 0) {
        cpc_buffer buffer = {0};
        CHECK(cpc_engine_snapshot(engine, &buffer) == CPC_OK);
        volatile char *freed = buffer.data;
        cpc_buffer_free(&buffer);
        freed[0] = 1;
    }
    if (strcmp(fault, "overflow") == 0) {
        volatile char *room = malloc(4);
        volatile int index = 4;
        room[index] = 1;
        free((void *)room);
    }
    if (strcmp(fault, "shift") == 0) {
        volatile int bits = 40;
        volatile int shifted = 1 << bits;
        (void)shifted;
    }
    CHECK(cpc_engine_free(engine) == CPC_OK);
    return 0;
}
