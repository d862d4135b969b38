// Token buckets: how often somebody may ask.
#include "web/web_priv.h"
#include <stdio.h>

void web_rates_init(WebRates *rates, uint64_t secret) {
    pthread_mutex_init(&rates->lock, NULL);
    rates->secret = secret;
}

void web_rates_done(WebRates *rates) {
    pthread_mutex_destroy(&rates->lock);
}

// A bucket of this key, or the one of a few places that was used longest ago: it is full again, or
// so many ask at once that the table is no larger than the machine.
static WebBucket *bucket_of(WebRates *rates, uint64_t key, WebRate rate, int64_t now_us) {
    WebBucket *oldest = NULL;
    for (size_t i = 0; i < WEB_RATE_PROBES; i++) {
        WebBucket *b = &rates->buckets[(key + i) % WEB_RATE_BUCKETS];
        if (b->key == key)
            return b;
        if (!oldest || b->key == 0 || (oldest->key != 0 && b->at_us < oldest->at_us))
            oldest = b;
    }
    *oldest = (WebBucket){.key = key, .tokens_milli = rate.burst * 1000, .at_us = now_us};
    return oldest;
}

bool web_rate_take(WebRates *rates, char kind, Str who, WebRate rate, int64_t now_us,
                   unsigned *ret_wait_s) {
    uint64_t key = hash_bytes(rates->secret ^ (uint64_t)(unsigned char)kind, who.p, who.n) | 1;
    pthread_mutex_lock(&rates->lock);
    WebBucket *b = bucket_of(rates, key, rate, now_us);
    int64_t passed_us = now_us - b->at_us;
    int64_t full_us = rate.burst * 1000000 / rate.per_s + 1;
    passed_us = passed_us < 0 ? 0 : passed_us < full_us ? passed_us : full_us;
    int64_t gained = passed_us * rate.per_s / 1000;
    // A gain below a thousandth is not lost: time stands still until there is one.
    if (gained > 0) {
        b->tokens_milli += gained;
        b->at_us = now_us;
    }
    if (b->tokens_milli > rate.burst * 1000)
        b->tokens_milli = rate.burst * 1000;
    bool taken = b->tokens_milli >= 1000;
    if (taken)
        b->tokens_milli -= 1000;
    else
        *ret_wait_s = (unsigned)((1000 - b->tokens_milli) / (rate.per_s * 1000) + 1);
    pthread_mutex_unlock(&rates->lock);
    return taken;
}
