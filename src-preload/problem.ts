/** A typed error as data. Part of the contract; import it from there. */
import { z } from 'zod'

// Without generated code: the window's content security policy forbids it, and a probe for it would be reported as a
// violation. Here, since every other schema imports this one: it must be set before the first of them is made.
z.config({ jitless: true })

export const problemPlace = z.object({
  file: z.string().optional(),
  offset: z.number().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  path: z.array(z.string()).readonly().optional(),
})
export const problem = z.object({
  code: z.templateLiteral([z.string(), '.', z.string()]),
  message: z.string(),
  where: problemPlace.optional(),
  hint: z.string().optional(),
})
export type Problem = z.infer<typeof problem>
