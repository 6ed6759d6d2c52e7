import type { Mode } from '@/domain/project-settings'

/** What each mode lets a model do, in words. */
export const modeWords: Record<Mode, { label: string; means: string }> = {
  augment: { label: 'Augment', means: 'Suggestions stand beside the work; the person takes one or doesn’t.' },
  prompt: { label: 'Prompt', means: 'The model asks before the person goes on.' },
  automate: { label: 'Automate', means: 'The model acts by itself; the person can undo.' },
}
