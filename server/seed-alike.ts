import 'server-only'
import { openAsSystem, type ProjectScope } from './access'
import { simulateOne } from './simulate-feedback'
import { openQueue } from './simulated-annotators'

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']

/** Messages as a program sends them, over and over: all but the day is the same. */
export const alikeThreads = days.map((day, at) => ({
  id: `library-${day.toLowerCase()}`,
  groupId: 'library',
  subject: 'Your loan from the town library',
  messages: [
    {
      author: 'Town library',
      fromMe: false,
      daysAgo: 20 + at,
      time: '07:30',
      text: `Dear Jo Reyes, the book that you borrowed from the town library is due back on ${day}. Nobody else has asked for it so far, so you may keep it for two more weeks if you have not finished reading. Would you like to keep it for longer? With kind regards, the team at the front desk`,
    },
  ],
}))

/** A queue whose items say nearly the same, so that judging them together has something to show. */
export async function seedAlike(scope: ProjectScope, itemIds: readonly string[]): Promise<void> {
  // Somebody was shown each: what is judged together has the same suggestions.
  const user = await openAsSystem(scope.project.slug, 'sim-a')
  for (const itemId of itemIds) await simulateOne(user, itemId, null, { visibleMs: 0 })
  await openQueue(scope, {
    name: 'Nearly the same',
    rule: { strategy: 'random', rate: 1, filters: { text: 'town library' } },
    instructions:
      'These say nearly the same. Judge one, look at the others beside it, and give them all one answer; one undo takes it back from all.',
    overlap: 1,
  })
}
