// A Host header: what counts as loopback may also be listened on, given a port.
#include "web/web_priv.h"

#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    // On the heap without a byte behind it, so that reading on is seen.
    AUTO(Buf) b = {0};
    buf_append(&b, data, size);
    Str host = buf_view(&b);
    struct sockaddr_storage address;
    size_t bytes = 0;
    bool loopback = web_host_is_loopback(host);
    Err e = web_address_parse(&c, host, false, &address, &bytes);
    ASSERT(e == OK || e == E_INVALID);
    // Names other than "localhost" differ in case only; all else that listens is loopback.
    ASSERT(e != OK || loopback);
    return 0;
}
