'use client'
import type { z } from 'zod'
import type { resumeAnswer } from '@/contract/v1/monitors'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'

/** Lets suggestions go on after a pause; told in a toast with its undo. */
export function ResumeSuggestions({ slug }: { slug: string }) {
  const { run, tell, busy, refusal } = useChange(slug)
  const resume = async () => {
    const answer = await run<z.infer<typeof resumeAnswer>>(
      'resume',
      'POST',
      `/projects/${slug}/suggestions/resume`,
    )
    if (answer) tell('Suggestions go on.', answer.actionId, 'Undone. Suggestions are paused.')
  }
  return (
    <>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <Button size="small" busy={busy === 'resume'} onClick={resume}>
        Let them go on
      </Button>
    </>
  )
}
