import { z } from 'zod'

const chord = z.string().min(1).max(40).meta({
  description: 'A letter, digit or sign, or a combination in the order `shift+mod+enter`; `mod` is Ctrl or ⌘',
})
const own = z.record(z.string().max(60), chord.nullable()).meta({
  description: 'By key, as `Workbench:a` (scope and usual chord), the chord in its place; null: none',
})

export const personKeys = z.object({ lettersOn: z.boolean(), own })
export const changeKeysBody = z
  .object({
    lettersOn: z.boolean().optional().meta({ description: 'Off: keys without Ctrl or ⌘ do nothing' }),
    own: own.optional().meta({ description: 'Only the keys that change; the usual chord sets one back' }),
  })
  .strict()
export type ChangeKeysBody = z.infer<typeof changeKeysBody>
