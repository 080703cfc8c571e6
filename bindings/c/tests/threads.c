/* One engine for each thread; and one engine misused by many, which is detected. */

#include "check.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 2000 };

static void *own_engine(void *digest) {
    cpc_engine *engine = new_engine();
    char phone[32];
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(phone, sizeof phone, "55119%08d", 60000000 + round % 500);
        cpc_message one = message(phone);
        cpc_batch lot = batch(&one, 1);
        cpc_outcome outcome = room_for_outcome();
        CHECK(cpc_engine_dispatch(engine, NINE + round, &lot, &outcome, 1, NULL) == CPC_OK);
        CHECK(outcome.status == (round < 500 ? CPC_STATUS_ACCEPTED : CPC_STATUS_CONTACT_BLOCKED));
    }
    CHECK(cpc_engine_digest(engine, digest) == CPC_OK);
    CHECK(cpc_engine_free(engine) == CPC_OK);
    return NULL;
}

typedef struct {
    cpc_engine *engine;
    pthread_barrier_t *start;
    unsigned long done, busy;
} shared_use;

static void *shared_engine(void *argument) {
    shared_use *use = argument;
    cpc_buffer snapshot = {0};
    pthread_barrier_wait(use->start);
    for (int round = 0; round < ROUNDS; round++) {
        cpc_result result = cpc_engine_snapshot(use->engine, &snapshot);
        CHECK(result == CPC_OK || result == CPC_ERR_BUSY);
        if (result == CPC_OK) use->done++;
        else use->busy++;
    }
    cpc_buffer_free(&snapshot);
    return NULL;
}

static void each_thread_has_its_own(void) {
    pthread_t threads[THREADS];
    cpc_digest digests[THREADS];
    for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, own_engine, &digests[i]) == 0);
    for (int i = 0; i < THREADS; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    for (int i = 1; i < THREADS; i++) CHECK(memcmp(&digests[0], &digests[i], sizeof digests[0]) == 0);
}

static void a_shared_one_is_refused_to_all_but_one(void) {
    cpc_engine *engine = new_engine();
    pthread_t threads[THREADS];
    pthread_barrier_t start;
    shared_use uses[THREADS];
    unsigned long done = 0, busy = 0;
    CHECK(pthread_barrier_init(&start, NULL, THREADS) == 0);
    /* Until they have met: on a machine with one processor threads may come one after the other. */
    for (int attempt = 0; attempt < 100 && busy == 0; attempt++) {
        for (int i = 0; i < THREADS; i++) {
            uses[i] = (shared_use){engine, &start, 0, 0};
            CHECK(pthread_create(&threads[i], NULL, shared_engine, &uses[i]) == 0);
        }
        for (int i = 0; i < THREADS; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
            CHECK(uses[i].done + uses[i].busy == ROUNDS);
            done += uses[i].done;
            busy += uses[i].busy;
        }
    }
    CHECK(done > 0 && busy > 0);
    pthread_barrier_destroy(&start);
    CHECK(cpc_engine_free(engine) == CPC_OK);
    printf("threads: %lu calls done, %lu refused as busy\n", done, busy);
}

int main(void) {
    each_thread_has_its_own();
    a_shared_one_is_refused_to_all_but_one();
    return 0;
}
