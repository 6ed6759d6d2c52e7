import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { recordFeedback } from './record-feedback'
import { suggest } from './suggest'

/** What a pretended person does with what they are shown; `null` only looks. */
export type SimulatedAct =
  | { type: 'accepted'; rank: 1 | 2 }
  | { type: 'corrected' | 'written'; text: (suggested: string) => string }
  | { type: 'rejected' | 'dismissed' | 'flagged' }
  | null

const patience = 5

/** One exposure with what was done then, marked as simulated; where the model holds back, nothing is done. */
export async function simulateOne(
  scope: ProjectScope,
  itemId: string,
  act: SimulatedAct,
  { visibleMs, undone = false }: { visibleMs: number; undone?: boolean },
): Promise<void> {
  const sessionId = randomUUID()
  const task = await loadTaskType(scope.project.taskType)
  const ask = () => suggest(scope, { exposureId: uuidv7(), sessionId, itemId }, { simulated: true })
  let answer = await ask()
  // A busy machine keeps a model waiting; a demo should be the same on every machine.
  for (let again = 0; again < patience && answer.reason?.code === 'model-slow'; again++) answer = await ask()
  const top = answer.candidates[0]
  if (!answer.shown || !top) return
  const event = (clientSeq: number, type: string, more: object = {}) => ({
    id: uuidv7(),
    exposureId: answer.exposureId,
    sessionId,
    clientSeq,
    type,
    ...more,
  })
  const log = [event(0, 'shown')]
  if (act) {
    const picked = act.type === 'accepted' ? (answer.candidates[act.rank - 1] ?? top) : top
    log.push(
      event(1, act.type, {
        visibleMs,
        ...(act.type === 'written' || act.type === 'dismissed' ? {} : { candidateId: picked.id }),
        ...('text' in act ? { after: task.valueOfText(act.text(task.textOf(top.value))) } : {}),
      }),
    )
  }
  const said = log[1]
  if (undone && said) log.push(event(2, 'undone', { targetEventId: said.id }))
  await recordFeedback(scope, log)
}
