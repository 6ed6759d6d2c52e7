'use client'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import type { WaiveAnswer } from '@/contract/v1/gold'

interface Props {
  project: string
  queueId: string
  pseudonym: string
  name: string
}

/** Lets somebody work without the practice round. */
export function Waive({ project, queueId, pseudonym, name }: Props) {
  const { run, tell, busy, redrawing, refusal } = useChange(project)
  const waive = async () => {
    const answer = await run<WaiveAnswer>(
      'waive',
      'POST',
      `/projects/${project}/queues/${queueId}/practice/waive`,
      { pseudonym },
    )
    if (answer) tell(`${name} need not practise.`, answer.actionId, 'Undone. The round is asked for again.')
  }
  return (
    <>
      {' '}
      <Button
        size="small"
        kind="quiet"
        busy={busy !== null || redrawing}
        aria-label={`Waive the practice of ${name}`}
        onClick={() => void waive()}
      >
        Waive
      </Button>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </>
  )
}
