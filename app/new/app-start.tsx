'use client'
import { Check, Hourglass } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useMemo, useState } from 'react'
import { Button } from '@/components/ui/button'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { Snippet } from '@/components/ui/snippet'
import type { FeedbackPage } from '@/contract/v1/feedback'
import { createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import styles from './new.module.css'
import { amendCode, pictureCode } from './start-code'
import type { StartTask } from './start-project'
import { useKey } from './use-key'

const client = createClient()
const lookEveryMs = 1_500

/** A key, a request that works as it stands, and the word when it has arrived. */
export function AppStart({ project, task }: { project: string; task: StartTask }) {
  const { key, busy, refusal, make } = useKey(project, 'My app')
  const ids = useMemo(() => ({ exposureId: newId(), sessionId: newId() }), [])
  if (key === null)
    return (
      <>
        <p className={styles.lead}>
          Your server asks for suggestions and sends what people decide. It signs with a key that writes to
          this project alone.
        </p>
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
        <div>
          <Button kind="primary" busy={busy} onClick={() => void make()}>
            Make a key
          </Button>
        </div>
      </>
    )
  const api = `${location.origin}/api/v1/projects/${project}`
  return (
    <>
      <CopyField
        label="The key"
        value={key}
        hint="Shown once, stored only as a hash. Keep it on your server."
      />
      {task.fromPictures ? (
        <Snippet
          label="With curl: a picture first"
          code={`curl ${api}/media \\\n  -H 'authorization: Bearer ${key}' --data-binary @photo.jpg`}
        />
      ) : (
        <Snippet
          label="With curl: works as it stands"
          code={[
            `curl ${api}/suggest \\`,
            `  -H 'authorization: Bearer ${key}' -H 'content-type: application/json' \\`,
            `  -d '${JSON.stringify({ ...ids, item: { payload: task.example ?? {} } })}'`,
          ].join('\n')}
        />
      )}
      <Snippet label="With fetch, on your server" code={fetchCode(api, key, task)} />
      <Arrival project={project} />
    </>
  )
}

function fetchCode(api: string, key: string, task: StartTask): string {
  return `${amendCode(api, key, "\n      'amend-actor': 'your id of the person',")}
import { v7 as newId } from 'uuid'
${task.fromPictures ? `${pictureCode(api, key)}\n` : ''}
const seen = { exposureId: newId(), sessionId: newId() }
${task.fromPictures ? '' : `const payload = ${JSON.stringify(task.example ?? {}, null, 2)}\n`}const { candidates } = await amend('/suggest', { ...seen, item: { payload } })

// The person saw them and took the first one.
await amend('/feedback', {
  events: [
    { ...seen, id: newId(), clientSeq: 0, type: 'shown' },
    { ...seen, id: newId(), clientSeq: 1, type: 'accepted', candidateId: candidates[0].id },
  ],
})`
}

/** Says when the first exposure is there. */
function Arrival({ project }: { project: string }) {
  const [title, setTitle] = useState<string | null>(null)
  const [reachable, setReachable] = useState(true)
  useEffect(() => {
    let over = false
    const look = async () => {
      while (!over) {
        const page = await client
          .request<FeedbackPage>('GET', `/projects/${project}/feedback?limit=1`)
          .catch(() => null)
        if (over) return
        setReachable(page !== null)
        const first = page?.rows[0]
        if (first) return setTitle(first.title ?? '')
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [project])
  return (
    <p className={styles.arrival} role="status" data-arrived={title !== null || undefined}>
      {title === null ? (
        <>
          <Hourglass aria-hidden />
          {reachable ? 'Waiting for the first one to arrive.' : 'The server can’t be reached. Looking again.'}{' '}
          <Link href={`/p/${project}/settings/inspector`}>See what arrives</Link>
        </>
      ) : (
        <>
          <Check aria-hidden />
          <span>
            The first one arrived{title ? ': ' : '.'}
            {title ? <q dir="auto">{title}</q> : null}{' '}
            <Link href={`/p/${project}/feedback`}>See it under Feedback</Link>
          </span>
        </>
      )}
    </p>
  )
}
