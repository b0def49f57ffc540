;; A core module with the shape that the world in wit/world.wit asks for. Strings arrive as pointer and length in our
;; memory, in space that the host got from cabi_realloc; a string goes back as a pointer to such a pair.
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))

  ;; Hands out memory from a rising mark; the mark falls back after each call, see the post-return below.
  (func $allocate (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $start i32)
    (local $end i32)
    (local.set $start
      (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (local.set $end (i32.add (local.get $start) (local.get $size)))
    (if (i32.lt_u (local.get $end) (local.get $start)) (then unreachable))
    (if (i32.gt_u (local.get $end) (i32.mul (memory.size) (i32.const 65536)))
      (then
        (if (i32.eq
              (memory.grow
                (i32.add
                  (i32.shr_u (i32.sub (local.get $end) (i32.mul (memory.size) (i32.const 65536))) (i32.const 16))
                  (i32.const 1)))
              (i32.const -1))
          (then unreachable))))
    (global.set $next (local.get $end))
    (memory.copy (local.get $start) (local.get $old) (local.get $old-size))
    (local.get $start))

  (func (export "local:{{name}}/text@0.1.0#shout") (param $text i32) (param $size i32) (result i32)
    (local $at i32)
    (local $byte i32)
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $at) (local.get $size)))
        (local.set $byte (i32.load8_u (i32.add (local.get $text) (local.get $at))))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8
              (i32.add (local.get $text) (local.get $at))
              (i32.sub (local.get $byte) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more)))
    ;; Changed in place: the answer is the argument.
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $size))
    (i32.const 16))

  (func (export "cabi_post_local:{{name}}/text@0.1.0#shout") (param $result i32)
    (global.set $next (i32.const 1024))))
