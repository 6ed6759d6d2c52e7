import 'server-only'
import type { MakeQueueBody } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { findWeakSlice } from './select-items'
import { simulateOne } from './simulate-feedback'
import { openCharacters, openQueue, type Simulated, work } from './simulated-annotators'

/** A few users say so before there is a queue for it. */
const flags = 3
/** The demo has little feedback: a slice with so many decisions says enough for a look. */
const leastDecided = 3

/** A small queue for each way of choosing that no other queue of the demo shows, filled by its own rule and half worked. */
export async function seedKinds(scope: ProjectScope): Promise<void> {
  const people = await openCharacters(scope.project.slug)
  await flagSome(scope, people)
  const queues: { id: string; items: number }[] = []
  for (const body of await kinds(scope)) queues.push(await openQueue(scope, body))
  // Each person in one queue after the other; several persons at once.
  await Promise.all(
    people.map(async (person, at) => {
      for (const [nth, { id, items }] of queues.entries())
        if (nth % people.length === at) await work(person, id, { most: Math.min(2, items - 1) })
    }),
  )
}

async function kinds(scope: ProjectScope): Promise<MakeQueueBody[]> {
  const weakest = await findWeakSlice(getDb(), scope.projectId, leastDecided)
  const budget = 6
  const all: Pick<MakeQueueBody, 'name' | 'rule' | 'instructions'>[] = [
    {
      name: 'Flagged by users',
      rule: { strategy: 'flagged', budget },
      instructions: 'Users rejected the suggestion, or flagged it. What is wrong with it?',
    },
    {
      name: 'Held back by a guardrail',
      rule: { strategy: 'guardrail', budget },
      instructions: 'Nothing was shown for these. Was that right? Write what you would have answered.',
    },
    {
      name: 'Users said something else',
      rule: { strategy: 'disagreement', between: 'human', budget },
      instructions: 'What people sent differs from the first suggestion. Which is better?',
    },
    {
      name: 'Hard to tell apart',
      rule: { strategy: 'uncertainty', measure: 'margin', above: 0.5, budget },
      instructions: 'The first two suggestions lie close together. Judge each by itself.',
    },
    {
      name: 'Unlike each other',
      rule: { strategy: 'diversity', budget },
      instructions: 'As different from one another as the items come: a look at the whole breadth.',
    },
    {
      name: 'Urgent first',
      rule: { strategy: 'priority', budget },
      instructions: 'These came with a priority. The highest comes first.',
    },
  ]
  if (weakest)
    all.push({
      name: 'Where users correct most',
      rule: { strategy: 'weak-slice', slice: { name: weakest.name, value: weakest.value }, budget },
      instructions: 'All from the part of the work in which users change or reject the most.',
    })
  return all.map(body => ({ ...body, overlap: 1 }))
}

/** Pretended users flag what they see, on items that a queue may select. */
async function flagSome(scope: ProjectScope, people: readonly Simulated[]): Promise<void> {
  const { rows } = await getDb().$client.query<{ itemId: string }>(
    `SELECT d.item_id AS "itemId" FROM decisions d
     JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id AND i.erased_at IS NULL AND i.owner_actor_id IS NULL
     WHERE d.project_id = $1 AND d.suggestion_shown AND d.state = 'dismissed'
       AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = d.project_id AND g.item_id = d.item_id)
     GROUP BY d.item_id ORDER BY d.item_id LIMIT $2`,
    [scope.projectId, flags],
  )
  for (const [at, { itemId }] of rows.entries()) {
    const person = people[at % people.length]
    if (person) await simulateOne(person.scope, itemId, { type: 'flagged' }, { visibleMs: 2600 + 400 * at })
  }
}
