// The web room's tests in one binary.
#include "world.h"

int main(void) {
    return suite_parts() + suite_server() + suite_api() + suite_sight() + suite_peers();
}
