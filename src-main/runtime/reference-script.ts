/** What has to be put right in the code that jco generates, before it is kept. */
import { taskListener } from './instance.ts'

export const repairScript = (script: string): string => forgetFutures(endWaiting(liftFromOwnTable(tellTasks(script))))

const listener = `imports['${taskListener}']`
const root = 'this.getRootTask().id()'

/**
 * In generated code nobody learns how a task ends that has returned before, nor for which call of the host a guest is woken
 * up. Four places tell us: where tasks are made, woken, broken and over.
 */
const tellTasks = (script: string): string =>
  script
    .replace('this.#id = ++AsyncTask._ID;', `this.#id = ++AsyncTask._ID; ${listener}?.made(this.#id);`)
    .replace(
      'fn: () => this.#callbackFn.apply(null, args),',
      `fn: () => ${listener}.within(${root}, () => this.#callbackFn.apply(null, args)),`,
    )
    .replace(
      'fn: () => { return this.#callbackFn.apply(null, args); }',
      `fn: () => ${listener}.within(${root}, () => this.#callbackFn.apply(null, args))`,
    )
    .replace(
      'if (this.#errored === null) { this.#errored = err; }',
      `if (this.#errored === null) { this.#errored = err; ${listener}?.broke(${root}, err); }`,
    )
    .replace(
      'this.#exited = true;',
      `this.#exited = true;
      if (this.#parentSubtask === null && this.#callingWasmExport) { ${listener}?.exited(this.#id); }`,
    )

const waitingImports = /^ *const _trampoline\d+ = async function[^]*?^ *_trampoline\d+\.fnName/gm
const lost = 'return task.completionPromise();'

/**
 * A host function that may wait and breaks the run must end the guest: the generated code returns a promise for its error
 * that nothing settles, and the guest would hang until its time is up.
 */
const endWaiting = (script: string): string =>
  script.replaceAll(waitingImports, (trampoline) => trampoline.replaceAll(lost, 'throw err;'))

const ownedLift =
  /tableIdx: (\d+),\s*classNameFn: [^\n]*\s*createResourceFn:\s*\(handle\) => \{[^]*?rscTableRemove\(handleTable\d+,/g

/**
 * In a composition a resource inside a future or a stream is looked for in the handles of another component than the one
 * that gives it away, so the host gets an empty object. The number of the right table stands beside.
 */
const liftFromOwnTable = (script: string): string =>
  script.replaceAll(ownedLift, (lift: string, table: string) =>
    lift.replaceAll(/handleTable\d+/g, `handleTable${table}`),
  )

/**
 * Futures, and the ends of them that the host has, stay in tables for as long as the instance lives, each with functions of its
 * own: a hundred kilobytes of closures for each request, where an instance serves many. One table of all futures is never
 * looked at, since they carry no number to be found by; in the others one set of functions does for all of a type.
 */
const forgetFutures = (script: string): string =>
  script
    .replaceAll('future.setGlobalFutureMapRep(FUTURES.insert(future));', 'future.setGlobalFutureMapRep(1);')
    .replaceAll('const rep = FUTURES.insert(future);', 'const rep = 1;')
    .replaceAll(
      /(function create(Future|Stream)\(cstate, args\) \{[^]*?const \{ tableIdx, )elemMeta, (hostInjectFn \} = args;)/g,
      (_, head: string, kind: string, rest: string) =>
        `${head}${rest} const elemMeta = ${kind.toUpperCase()}_TABLES[tableIdx] ? (${kind.toUpperCase()}_TABLES[tableIdx].elemMeta ??= args.elemMeta) : args.elemMeta;`,
    )
    .replaceAll(/class HostStream \{[^]*?setRep\(/g, (head) =>
      head.replaceAll(/this\.#payload(?:Lift|Lower)Fn = args\.payload(?:Lift|Lower)Fn;/g, ''),
    )
