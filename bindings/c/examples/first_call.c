/* The first call, in C: a request body of massivocpc in, its response out. */

#include <cpc.h>

#include <stdio.h>
#include <string.h>

static cpc_text text(const char *string) {
    cpc_text made = {string, strlen(string)};
    return made;
}

/* Whether a command line was carried out; its answer says why if not. */
static int carried_out(const cpc_buffer *answer) {
    const char refused[] = "{\"error\":";
    return answer->length < sizeof refused - 1 || memcmp(answer->data, refused, sizeof refused - 1) != 0;
}

int main(void) {
    if (cpc_abi_version() != CPC_ABI_VERSION) {
        fprintf(stderr, "header and library do not fit\n");
        return 1;
    }
    /* 2026-11-23T12:00:00Z. A program takes it from its clock. */
    const int64_t now = 1795435200000;
    cpc_engine *engine = NULL;
    cpc_buffer answer = {0};
    uint16_t http_status = 0;

    cpc_result result = cpc_engine_new(CPC_LANGUAGE_EN, &engine);
    if (result == CPC_OK) {
        const char *wallet = "{\"op\":\"wallet\",\"at\":1795435200000,\"tag\":\"emp1\",\"senders\":[{\"id\":\"5514990000001\"}]}";
        result = cpc_engine_execute(engine, text(wallet), &answer);
    }
    if (result == CPC_OK && !carried_out(&answer)) {
        fprintf(stderr, "%.*s\n", (int)answer.length, answer.data);
        result = CPC_ERR_REFUSED;
    }
    if (result == CPC_OK) {
        const char *body = "{\"campaign\":\"Campanha teste\",\"tag\":\"emp1\",\"messages\":[{\"phone\":\"5511988876204\","
                           "\"closeTicket\":true,\"specialistCode\":\"admin\",\"mainTemplate\":\"Ola\"}]}";
        result = cpc_engine_massivocpc(engine, text(body), now, CPC_PROFILE_FULL, &answer, &http_status);
    }
    if (result == CPC_OK) {
        printf("%u %.*s\n", (unsigned)http_status, (int)answer.length, answer.data);
    } else {
        fprintf(stderr, "%s\n", cpc_result_message(result));
    }
    cpc_buffer_free(&answer);
    cpc_engine_free(engine);
    return result != CPC_OK;
}
