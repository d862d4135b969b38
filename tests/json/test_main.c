// Runs the tests of the room json.
#include "groups.h"

int main(void) {
    int failures = run_json_read_tests();
    failures += run_json_write_tests();
    failures += run_json_vector_tests();
    return failures != 0;
}
