/* The calculator of the Component Model guide: knows the operations, leaves the work to an adder. */
#include "../include/component.h"

enum { OP_ADD };

IMPORT("docs:adder/add@0.1.0", "add") uint32_t add(uint32_t, uint32_t);

EXPORT("docs:calculator/calculate@0.1.0#eval-expression") uint32_t eval_expression(int32_t op, uint32_t x, uint32_t y) {
  if (op != OP_ADD) trap();
  return add(x, y);
}
