#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

/// No test needs a card and none may find one: a test of the word "there is no card" holds on every machine.
int main(int argument_count, char** arguments) {
    setenv("CUDA_VISIBLE_DEVICES", "", 1);
    return doctest::Context(argument_count, arguments).run();
}
