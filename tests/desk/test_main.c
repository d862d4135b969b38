#include "groups.h"
#include "test.h"

int main(void) {
    int failures = run_desk_story_tests();
    failures += run_desk_intake_tests();
    failures += run_desk_node_tests();
    return failures != 0;
}
