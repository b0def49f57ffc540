import { basics } from './basics.ts'
import { files } from './files.ts'
import { httpTypes } from './http-types.ts'
import { outgoing } from './outgoing.ts'
import { sockets } from './sockets.ts'
import type { Scenario } from './stage.ts'
import { streams } from './streams.ts'

/**
 * What guests do with the host, good and bad. Each runs on both roads and must go the same way on both; together they
 * call every function of WASI 0.2.
 */
export const scenarios: Readonly<Record<string, Scenario>> = {
  ...basics,
  ...streams,
  ...files,
  ...httpTypes,
  ...outgoing,
  ...sockets,
}
