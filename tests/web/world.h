// A small node with a server over it, and a client that says exactly what it is told to.
#ifndef MOEI_TESTS_WEB_WORLD_H
#define MOEI_TESTS_WEB_WORLD_H

#include "desk/desk.h"
#include "test.h"
#include "web/web_priv.h"
#include "json/json.h"

#define WORLD_ROLES 6

typedef struct Person {
    char name[32], role[32], password[DESK_PASSWORD_BYTES];
    DeskSession session;
    uint64_t acts;
} Person;

typedef struct World {
    Ctx c;
    char dir[64];
    DeskNode *node;
    WebServer *server;
    uint16_t port;
    Person people[WORLD_ROLES]; // one of each role, logged in
    DeskSecrets secrets;
} World;

// Limits so wide that a test does not meet them.
extern const WebLimits world_wide;

void world_open(World *w, bool demo, const WebLimits *limits);
void world_people(World *w); // makes and logs in one of each role
Person *world_person(World *w, const char *role);
void world_log_in(World *w, Person *p); // a new session
void world_close(World *w);
int world_dial(const World *w);
// Sends bytes and reads until the server closes; the status, 0 where there is no answer.
int world_send(const World *w, const char *request, size_t n, char *ret_answer, size_t bytes);
int world_get(const World *w, const char *path, char *ret_answer, size_t bytes);

// One request; NULL members are left out.
typedef struct Call {
    const char *method, *path;
    const Person *as;  // with cookie and, when it writes, CSRF
    const char *token; // bearer
    const char *type, *body, *key;
    const char *more; // header lines, each with its line end
    bool no_csrf;
} Call;
int world_call(const World *w, const Call *call, char *ret_answer, size_t bytes);
const char *world_body(const char *answer);
// The value of a header in the answer, or false.
bool world_header(const char *answer, const char *name, char *ret_value, size_t bytes);

extern char answer[1 << 20], other[1 << 20];

int suite_server(void);
int suite_api(void);
int suite_parts(void);
int suite_sight(void);
int suite_peers(void);

#endif
