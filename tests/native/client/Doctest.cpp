// The test library itself, once, without a main.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
