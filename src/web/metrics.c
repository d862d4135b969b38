// Counts for Prometheus, without anything personal: no names, ids, addresses or amounts.
#include "web/web_priv.h"

static const unsigned statuses[WEB_STATUSES] = {200, 201, 204, 303, 304, 400, 401, 403, 404, 405,
                                                409, 413, 415, 421, 422, 429, 500, 503, 0};
// Upper ends of the classes in µs; one class is above them all.
static const int64_t latencies[WEB_LATENCIES] = {500,   1000,   2500,   5000,    10000,  25000,
                                                 50000, 100000, 250000, 1000000, 5000000};

void web_count(WebServer *s, const WebRequest *r, unsigned status) {
    size_t route = r->route ? web_route_index(r->route) : web_route_count();
    WebCounter *counter = &s->counters[route];
    int64_t us = clock_monotonic_us() - r->started_us;
    size_t i = 0, k = 0;
    while (statuses[i] && statuses[i] != status)
        i++;
    while (k < WEB_LATENCIES && us > latencies[k])
        k++;
    atomic_fetch_add_explicit(&counter->by_status[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->by_latency[k], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->micros, (unsigned long long)(us > 0 ? us : 0),
                              memory_order_relaxed);
}

static void put_head(Buf *b, const char *name, const char *type, const char *help) {
    buf_format(b, "# HELP moei_%s %s\n# TYPE moei_%s %s\n", name, help, name, type);
}

static void put_gauge(Buf *b, const char *name, const char *help, uint64_t v) {
    put_head(b, name, "gauge", help);
    buf_format(b, "moei_%s %llu\n", name, (unsigned long long)v);
}

static const char *name_at(size_t i) {
    const WebRoute *route = web_route_at(i);
    return route ? route->name : "pages";
}

static const char *method_at(size_t i) {
    const WebRoute *route = web_route_at(i);
    return route ? web_method_name(route->method) : "GET";
}

static void put_requests(WebServer *s, Buf *b) {
    put_head(b, "http_requests_total", "counter", "Answers by route and status.");
    for (size_t i = 0; i <= web_route_count(); i++)
        for (size_t k = 0; k < WEB_STATUSES; k++) {
            unsigned long long n =
                atomic_load_explicit(&s->counters[i].by_status[k], memory_order_relaxed);
            if (!n)
                continue;
            buf_format(b, "moei_http_requests_total{route=\"%s\",method=\"%s\",status=\"",
                       name_at(i), method_at(i));
            if (statuses[k])
                buf_format(b, "%u\"} %llu\n", statuses[k], n);
            else
                buf_format(b, "other\"} %llu\n", n);
        }
}

static void put_latencies(WebServer *s, Buf *b) {
    put_head(b, "http_request_seconds", "histogram", "From the head of a request to its answer.");
    for (size_t i = 0; i <= web_route_count(); i++) {
        const WebCounter *counter = &s->counters[i];
        unsigned long long sum = 0, all = 0;
        for (size_t k = 0; k <= WEB_LATENCIES; k++)
            all += atomic_load_explicit(&counter->by_latency[k], memory_order_relaxed);
        if (!all)
            continue;
        for (size_t k = 0; k <= WEB_LATENCIES; k++) {
            sum += atomic_load_explicit(&counter->by_latency[k], memory_order_relaxed);
            buf_format(b, "moei_http_request_seconds_bucket{route=\"%s\",method=\"%s\",le=\"",
                       name_at(i), method_at(i));
            if (k < WEB_LATENCIES)
                buf_format(b, "%lld.%06lld\"} %llu\n", (long long)(latencies[k] / 1000000),
                           (long long)(latencies[k] % 1000000), sum);
            else
                buf_format(b, "+Inf\"} %llu\n", sum);
        }
        unsigned long long us = atomic_load_explicit(&counter->micros, memory_order_relaxed);
        buf_format(b, "moei_http_request_seconds_sum{route=\"%s\",method=\"%s\"} %llu.%06llu\n",
                   name_at(i), method_at(i), us / 1000000, us % 1000000);
        buf_format(b, "moei_http_request_seconds_count{route=\"%s\",method=\"%s\"} %llu\n",
                   name_at(i), method_at(i), sum);
    }
}

static void put_server(WebServer *s, Buf *b) {
    pthread_mutex_lock(&s->events.lock);
    size_t streams = s->events.count;
    pthread_mutex_unlock(&s->events.lock);
    pthread_mutex_lock(&s->jobs.lock);
    size_t waiting = s->jobs.count;
    pthread_mutex_unlock(&s->jobs.lock);
    put_gauge(b, "event_streams", "Event streams that are open.", streams);
    put_gauge(b, "jobs_waiting", "Requests that wait for a worker.", waiting);
}

Err web_metrics(WebRequest *r, WebAnswer *a) {
    Buf *b = &a->body;
    DeskInfo info;
    DeskOrderCounts orders;
    TRY(desk_info(&r->c, r->node, &info));
    TRY(desk_order_counts(&r->c, r->node, &orders));
    a->type = "text/plain; version=0.0.4; charset=utf-8";
    put_head(b, "info", "gauge", "The program.");
    buf_format(b, "moei_info{version=\"%s\"} 1\n", r->server->version);
    put_gauge(b, "ledger_records", "Leaves of the log that is exchanged.", info.records);
    put_gauge(b, "ledger_reads", "Leaves of the log of reads.", info.reads);
    put_gauge(b, "stream_transfers", "Transfers held.", info.transfers);
    put_gauge(b, "stream_accounts", "Accounts met.", info.accounts);
    put_gauge(b, "stream_segments", "Segments of the stream.", info.segments);
    put_gauge(b, "stream_tail_rows", "Transfers that are not sealed yet.", info.tail_rows);
    put_gauge(b, "stream_conflicts", "Transfers that were told differently.", info.conflicts);
    put_gauge(b, "reports", "Reports.", info.reports);
    put_gauge(b, "cases", "Cases.", info.cases);
    put_gauge(b, "orders_alive", "Orders that bind now.", orders.alive);
    put_gauge(b, "orders_unanswered", "Orders and requests whose answer is late.",
              orders.unanswered);
    put_gauge(b, "orders_overdue", "Orders of which the end is confirmed late.", orders.overdue);
    put_gauge(b, "read_only", "1 while the node takes no records.", info.read_only);
    put_server(r->server, b);
    put_requests(r->server, b);
    put_latencies(r->server, b);
    return OK;
}
