// Work in the background: what writes or takes long leaves its connection's thread, so that reads
// of others do not wait for it.
#include "web/web_priv.h"

#include <errno.h>
#include <microhttpd.h>

static void *work(void *self) {
    WebServer *s = self;
    WebJobs *jobs = &s->jobs;
    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        while (!jobs->first && !jobs->ending)
            pthread_cond_wait(&jobs->come, &jobs->lock);
        WebRequest *r = jobs->first;
        if (!r)
            break;
        jobs->first = r->next;
        jobs->last = jobs->first ? jobs->last : NULL;
        jobs->count--;
        pthread_mutex_unlock(&jobs->lock);
        web_request_run(r);
        r->answered = true;
        MHD_resume_connection(r->connection);
        pthread_mutex_lock(&jobs->lock);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

Err web_jobs_open(Ctx *c, WebServer *s) {
    pthread_mutex_init(&s->jobs.lock, NULL);
    pthread_cond_init(&s->jobs.come, NULL);
    for (size_t i = 0; i < WEB_WORKERS; i++) {
        errno = pthread_create(&s->jobs.threads[i], NULL, work, s);
        if (errno != 0)
            return fail_errno(c, "cannot start a thread of the server");
        s->jobs.thread_count++;
    }
    return OK;
}

void web_jobs_close(WebServer *s) {
    pthread_mutex_lock(&s->jobs.lock);
    s->jobs.ending = true;
    pthread_cond_broadcast(&s->jobs.come);
    pthread_mutex_unlock(&s->jobs.lock);
    for (size_t i = 0; i < s->jobs.thread_count; i++)
        pthread_join(s->jobs.threads[i], NULL);
    s->jobs.thread_count = 0;
}

bool web_jobs_push(WebServer *s, WebRequest *r) {
    WebJobs *jobs = &s->jobs;
    pthread_mutex_lock(&jobs->lock);
    bool room = jobs->count < WEB_QUEUE_MAX && !jobs->ending;
    if (room) {
        // Before a worker can see it: resuming comes after suspending.
        MHD_suspend_connection(r->connection);
        r->at_work = true;
        r->next = NULL;
        if (jobs->last)
            jobs->last->next = r;
        else
            jobs->first = r;
        jobs->last = r;
        jobs->count++;
        pthread_cond_signal(&jobs->come);
    }
    pthread_mutex_unlock(&jobs->lock);
    return room;
}
