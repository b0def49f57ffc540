import { readFile } from 'node:fs/promises'
import type { Plan } from './direct/plan.ts'

/** A plan from the cache; its digest was checked before. */
export async function readPlan(path: string): Promise<Plan> {
  return JSON.parse(await readFile(path, 'utf8')) as Plan
}
