'use client'
import { useEffect, useState } from 'react'
import styles from '@/components/review/forms.module.css'
import { ruleWords, scoreWords, strategyNames } from '@/components/review/rule-words'
import { ErrorNote } from '@/components/ui/error-note'
import type { QueuePreview, QueueRule } from '@/contract/v1/review'
import { ApiError, createClient } from '@/sdk/client'

const client = createClient()
const pauseMs = 350

/** What a rule would select now, asked anew whenever it changes. */
export function RulePreview({ project, rule }: { project: string; rule: QueueRule | null }) {
  const [found, setFound] = useState<{ key: string; rule: QueueRule; preview: QueuePreview } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  const key = JSON.stringify(rule)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    if (key === 'null') return
    const gone = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const asked = JSON.parse(key) as QueueRule
        const preview = await client.request<QueuePreview>(
          'POST',
          `/projects/${project}/queues/preview`,
          { rule: asked },
          { signal: gone.signal },
        )
        setFound({ key, rule: asked, preview })
        setProblem(null)
      } catch (error) {
        if (gone.signal.aborted) return
        setProblem(error instanceof ApiError ? error.detail : 'The preview failed.')
      }
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [key, project, round])
  return (
    <section
      className={styles.preview}
      aria-labelledby="queue-preview"
      aria-busy={found !== null && found.key !== key}
    >
      <h2 id="queue-preview">What it would select now</h2>
      {rule ? <p className={styles.quiet}>{ruleWords(rule)}.</p> : null}
      {problem ? (
        <ErrorNote title={problem} onRetry={() => setRound(count => count + 1)} />
      ) : (
        <div role="status">
          <p className={styles.figure}>
            {found ? (
              <>
                <strong>{found.preview.selected}</strong> of {found.preview.poolSize} items
              </>
            ) : (
              'Counting'
            )}
          </p>
        </div>
      )}
      {found ? <Found rule={found.rule} preview={found.preview} /> : null}
    </section>
  )
}

function Found({ rule, preview }: { rule: QueueRule; preview: QueuePreview }) {
  const parts = rule.strategy === 'mix' ? rule.parts : []
  const searches = [rule, ...parts.map(part => part.rule)].some(
    own => own.strategy === 'weak-slice' && !own.slice,
  )
  return (
    <>
      {parts.length > 0 ? (
        <ul className={styles.sample} aria-label="By part">
          {parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place.
            <li key={at}>
              <span>
                {at + 1}. {strategyNames[part.rule.strategy]}
              </span>
              <span>
                {preview.parts[at]?.selected ?? 0} of {preview.parts[at]?.poolSize ?? 0}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {searches ? (
        <p className={styles.quiet}>
          {preview.slice
            ? `Weakest now: ${preview.slice.name} = ${preview.slice.value}, with ${preview.slice.corrected} of ${preview.slice.decided} corrected or rejected.`
            : 'No slice has 30 decisions yet: too few to tell.'}
        </p>
      ) : null}
      <ul className={styles.sample} aria-label="Some of them">
        {preview.sample.map(item => (
          <li key={item.itemId}>
            <span dir="auto">{item.title || 'Without a title'}</span>
            {item.score === null ? null : <span>{scoreWords(rule, item.score, item.part)}</span>}
          </li>
        ))}
      </ul>
      {rule.strategy === 'random' ? (
        <p className={styles.quiet}>A sample of the kind; the queue draws its own, and keeps the seed.</p>
      ) : null}
    </>
  )
}
