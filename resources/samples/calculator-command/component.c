/* The command of the Component Model guide: `calculator-command 1 2 add` prints `1 + 2 = 3`. */
#include "../include/wasi.h"

enum { OP_ADD };

IMPORT("docs:calculator/calculate@0.1.0", "eval-expression") uint32_t eval_expression(int32_t, uint32_t, uint32_t);
IMPORT("wasi:cli/environment@" WASI, "get-arguments") void get_arguments(list_t *);

static bool read_number(list_t text, uint32_t *number) {
  uint64_t value = 0;
  if (text.size < 1 || text.size > 10) return false;
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + (uint64_t)(text.data[i] - '0');
  }
  *number = (uint32_t)value;
  return value <= UINT32_MAX;
}

static int32_t refuse(bytes_t why) {
  print_line(get_stderr(), JOIN(why, TEXT("\nusage: calculator-command X Y add")));
  return 1;
}

EXPORT("wasi:cli/run@" WASI "#run") int32_t run(void) {
  scratch_reset();
  list_t arguments;
  get_arguments(&arguments);
  const list_t *argument = (const list_t *)arguments.data;
  /* The first one is the name of the program. */
  if (arguments.size != 4) return refuse(TEXT("three arguments are needed"));
  uint32_t x, y;
  if (!read_number(argument[1], &x) || !read_number(argument[2], &y)) return refuse(TEXT("X and Y are whole numbers from 0 to 4294967295"));
  if (!bytes_equal((bytes_t){argument[3].data, argument[3].size}, TEXT("add"))) return refuse(TEXT("the only operation is add"));
  print_line(get_stdout(), JOIN(bytes_of_number(x), TEXT(" + "), bytes_of_number(y), TEXT(" = "), bytes_of_number(eval_expression(OP_ADD, x, y))));
  return 0;
}
