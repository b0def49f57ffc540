/* The adder of the Component Model guide. */
#include "../include/component.h"

EXPORT("docs:adder/add@0.1.0#add") uint32_t add(uint32_t x, uint32_t y) { return x + y; }
