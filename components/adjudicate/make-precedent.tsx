'use client'
import { BookMarked } from 'lucide-react'
import { useState } from 'react'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import styles from './adjudicate.module.css'

const client = createClient()

interface Props {
  project: string
  /** The item that was settled last. */
  entryId: string
  title: string
}

/** One press makes what was just settled a case that everybody who reviews is shown. */
export function MakePrecedent({ project, entryId, title }: Props) {
  const [state, setState] = useState<'idle' | 'busy' | 'made'>('idle')
  const [problem, setProblem] = useState<string | null>(null)
  const make = async () => {
    setState('busy')
    setProblem(null)
    try {
      await client.request('POST', `/projects/${encodeURIComponent(project)}/precedents`, { entryId })
      setState('made')
    } catch (error) {
      setState('idle')
      setProblem(error instanceof ApiError ? error.detail : 'That didn’t save. What you settled is safe.')
    }
  }
  return (
    <div className={styles.precedent}>
      <span dir="auto">Settled: {title}</span>
      {state === 'made' ? (
        <span role="status">A precedent now. It can be withdrawn under Guideline.</span>
      ) : (
        <Button size="small" icon={<BookMarked />} busy={state === 'busy'} onClick={() => void make()}>
          Make a precedent
        </Button>
      )}
      {problem ? <span role="alert">{problem}</span> : null}
    </div>
  )
}
