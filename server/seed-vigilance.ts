import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { changeQueue } from './change-queue'
import { everything, openQueue, type Simulated, work } from './simulated-annotators'

/** Items that wait for whoever looks at the demo; some of them may become gold yet, and close. */
const left = 8

/** One item at a time in turn: what one has settled and called wrong comes to the others, to see who notices. */
export async function seedVigilance(scope: ProjectScope, people: readonly Simulated[]): Promise<void> {
  const queue = await openQueue(scope, {
    name: 'Some known to be wrong',
    rule: everything,
    instructions:
      'Now and then one comes whose first suggestion is known to be wrong. How many of them are noticed stands on the people page.',
    overlap: 1,
    // While these three work, whatever can be planted is: they answer few items, and it should be seen.
    policy: { vigilanceRate: 1 },
  })
  for (let turn = 0; (await countOpen(scope, queue.id)) > left; turn++) {
    const person = people[turn % people.length]
    if (person) await work(person, queue.id, { most: 1 })
  }
  await changeQueue(scope, queue.id, { policy: { vigilanceRate: 0.1 } })
}

async function countOpen({ projectId }: ProjectScope, queueId: string): Promise<number> {
  const { rows } = await getDb().$client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM assignments WHERE project_id = $1 AND queue_id = $2 AND state = 'open'`,
    [projectId, queueId],
  )
  return rows[0]?.n ?? 0
}
