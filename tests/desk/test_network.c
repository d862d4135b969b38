// Simulated networks of 3 to 12 nodes: whatever the links, clocks and disks do, all end in the
// state that the rules demand, and no packet, file or page shows more.
#include "groups.h"
#include "net.h"

#ifdef __SANITIZE_ADDRESS__
#define SEEDS 8 // as much of the time as the others take without
#else
#define SEEDS 50
#endif
#define PHASES 3

static NetWeather any_weather(Net *net) {
    static const NetWeather all[] = {
        {0},
        {.lost = 50, .doubled = 50, .late = 300},
        {.lost = 300, .late = 900, .doubled = 200},
        {.cut = 200, .flipped = 200, .lost = 50},
        {.restart = 100, .late = 300},
        {.full_disk = 150, .lost = 50, .restart = 50},
        {.lost = 100,
         .doubled = 100,
         .late = 300,
         .cut = 50,
         .flipped = 50,
         .full_disk = 50,
         .restart = 30},
    };
    return all[rng_below(&net->rng, COUNT_OF(all))];
}

static int size_of(uint64_t seed) {
    Rng rng;
    rng_seed(&rng, seed ^ 0x6e65);
    // Mostly small ones, where more is tried in the same time.
    return rng_below(&rng, 10) ? 3 + (int)rng_below(&rng, 3) : 6 + (int)rng_below(&rng, 7);
}

static void run_network(uint64_t seed, NetTally *tally) {
    static Net net;
    net_open(&net, seed, size_of(seed));
    net.tally = *tally;
    net.tally.networks++;
    net.tally.far += net_far(&net);
    net_begin(&net);
    if (seed / 2 % 3 == 0)
        net_rogue_begin(&net);
    for (int phase = 0; phase < PHASES; phase++) {
        net_say(&net, "phase %d", phase);
        net.weather = any_weather(&net);
        net_say(&net, "lost %u doubled %u late %u cut %u flipped %u full %u restart %u",
                net.weather.lost, net.weather.doubled, net.weather.late, net.weather.cut,
                net.weather.flipped, net.weather.full_disk, net.weather.restart);
        for (int i = 0; i < 4 * net.count; i++) {
            net_people(&net, 1 + (int)rng_below(&net.rng, 2));
            net_run(&net, 2);
            net_rogue_act(&net);
        }
        size_t n;
        if (rng_below(&net.rng, 2)) {
            net.now += 2 * NET_HOUR;
            net_say(&net, "two hours pass");
        }
        uint32_t *known = net_known(&net, &n);
        net_say(&net, "all is left to settle");
        net_settle(&net);
        net_check(&net, known, n);
        mem_free(known);
    }
    *tally = net.tally;
    net_rogue_done(&net);
    net_done(&net);
}

static size_t seeds(void) {
    const char *text = getenv("MOEI_NETWORKS");
    int64_t n;
    return text && str_to_i64(str_of(text), &n) && n > 0 && n <= 1000000 ? (size_t)n : SEEDS;
}

static void test_networks(void **state) {
    (void)state;
    uint64_t first = test_seed();
    print_message("%zu networks (MOEI_NETWORKS), seeds from %llu on\n", seeds(),
                  (unsigned long long)first);
    assert_true(net_each_seed(first, seeds(), run_network));
}

int run_desk_network_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks),
    };
    return cmocka_run_group_tests_name("desk: networks", tests, NULL, NULL);
}
