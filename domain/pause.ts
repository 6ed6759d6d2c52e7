import { z } from 'zod'
import { percent } from './percent'

/** Kept in the project's settings, which every request has read already: asking costs nothing. */
const pausedSchema = z.object({
  at: z.string(),
  /** Corrected and rejected of what was judged, and the bound that they exceeded. */
  bad: z.number(),
  judged: z.number(),
  most: z.number(),
})
export type Paused = z.infer<typeof pausedSchema>

/** Whether suggestions are paused in a project, and why; null where they go on. */
export function pausedOf(settings: Record<string, unknown>): Paused | null {
  const parsed = pausedSchema.safeParse(settings.paused)
  return parsed.success ? parsed.data : null
}

/** For whoever writes meanwhile. */
export const pausedWords = 'Suggestions are paused while somebody looks at them. Write your own.'

export const pauseReason = ({ bad, judged, most }: Paused) =>
  `${bad} of ${judged} were corrected or rejected, more than the ${percent(most, 0)} that this project bears.`
