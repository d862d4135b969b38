// Two honest nodes that have confirmed each other, and a rogue, which both have confirmed.
#ifndef MOEI_TESTS_DESK_SCENE_H
#define MOEI_TESTS_DESK_SCENE_H

#include "rogue.h"

typedef struct Scene {
    Net net;
    Rogue rogue;
} Scene;

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)
int scene_set_up(void **state);
int scene_tear_down(void **state);

// The honest beginning, without which the rest would prove nothing.
void scene_begin(Scene *s, int node);
// A message from the rogue (or another that is like it), taken by a node.
Err scene_take(Scene *s, int node, const Rogue *from, Str message, DeskSyncTaken *ret_taken);
// Whether the node's link with the peer is stopped.
bool scene_stopped(Scene *s, int node, const CryptoHash *peer);
// The page Exchange shows that its link is stopped, and the front, in red, what is to be done.
void scene_named(Scene *s, int node, const char *what);
// The victim is sound, holds nothing of `word`, and speaks with the other honest node as before.
void scene_unharmed(Scene *s, int victim, const char *word);
// A notice of the rogue for a node; its body is the caller's.
RogueRecord scene_notice_to(Scene *s, int node, const char *text, char body[512]);
// The same, added to its log.
void scene_notice(Scene *s, Rogue *r, int node, const char *text);

#endif
